package config

import "time"

type CacheOptions struct {
	CacheDir string
	CacheTTL time.Duration
}

type RegistryOptions struct{}

type KanikoOptions struct {
	CacheOptions
	BuildArgs         []string
	IgnorePaths       []string
	CacheRepo         string
	CustomPlatform    string
	DockerfilePath    string
	SnapshotMode      string
	SrcContext        string
	Cache             bool
	CacheRunLayers    bool
	CacheCopyLayers   bool
	Cleanup           bool
	IgnoreVarRun      bool
	InitialFSUnpacked bool
	NoPush            bool
	Reproducible      bool
}

var KanikoDir string
