const { join } = require('node:path')

module.exports = {
  timeout: 60_000,
  exit: true,
  require: [join(__dirname, 'tools/worker-errors.ts')],
}
