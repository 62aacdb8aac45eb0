// What upstream's lifecycle uses of kaniko, without kaniko: for a peer that runs every phase but the extender.
module github.com/osscontainertools/kaniko

go 1.26
