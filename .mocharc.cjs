const { join } = require('node:path')

module.exports = {
  // No test is told how fast it has to be: this ends those that hang.
  timeout: 600_000,
  exit: true,
  require: [join(__dirname, 'tools/worker-errors.ts')],
}
