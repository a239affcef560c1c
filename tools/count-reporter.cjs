// Mocha's usual report, which also leaves the counts for tools/test.ts in the file ASSAY_TEST_COUNTS names.
const { writeFileSync } = require('node:fs')
const Mocha = require('mocha')

module.exports = class CountReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    const file = process.env.ASSAY_TEST_COUNTS
    if (file === undefined) return
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      // Failed hooks count as failures and the tests they kept from running count as nothing.
      const { passes, failures, pending } = this.stats
      writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }))
    })
  }
}
