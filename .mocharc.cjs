const { join } = require('node:path')

// Tests start some hundred processes that load the same code: they share what V8 made of it.
process.env.NODE_COMPILE_CACHE ??= join(__dirname, '.assay/compile-cache')

const lateTierUp = join(__dirname, 'tools/late-tier-up.cjs')
require(lateTierUp)
if (!process.env.NODE_OPTIONS?.includes(lateTierUp))
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --require "${lateTierUp}"`.trim()

module.exports = {
  // No test is told how fast it has to be: this ends those that hang.
  timeout: 600_000,
  exit: true,
  ignore: ['**/node_modules/**'],
  require: [join(__dirname, 'tools/worker-errors.ts')],
}
