# For shells started through the launcher: the application's own scripts/ folder is on the PATH.
if [[ -d $PWD/scripts ]]; then
  export PATH="$PWD/scripts:$PATH"
fi
