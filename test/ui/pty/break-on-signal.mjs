// Loaded before the program: breaks it in the way that BREAK names when SIGUSR2 comes.
process.on('SIGUSR2', () => {
  switch (process.env['BREAK']) {
    case 'throw':
      throw new Error('planted');
    case 'reject':
      void Promise.reject(new Error('planted'));
      return;
    case 'render': {
      const now = Date.now;
      Date.now = () => {
        Date.now = now;
        throw new Error('planted');
      };
      // The clock is read while drawing: a new size draws.
      process.stdout.emit('resize');
    }
  }
});
