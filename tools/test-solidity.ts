import { writeFile } from 'node:fs/promises'
import hre from 'hardhat'

/** Runs the Solidity tests; leaves the counts for tools/test.ts in the file ASSAY_TEST_COUNTS names. */
const result = await hre.tasks.getTask(['test', 'solidity']).run({ noCompile: true, testSummaryIndex: 1 })
const { passed, failed, skipped, failureOutput } = (result.success ? result.value : result.error).summary
// Given a `testSummaryIndex`, Hardhat leaves failures to a summary that nothing prints here.
if (failureOutput) console.error(failureOutput)
const counts = { passed, failed: result.success ? failed : Math.max(failed, 1), skipped }
if (process.env.ASSAY_TEST_COUNTS) await writeFile(process.env.ASSAY_TEST_COUNTS, JSON.stringify(counts))
process.exit(result.success ? 0 : 1)
