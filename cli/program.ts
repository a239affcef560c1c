import { plainLines } from '@assay/sdk/client/plain-text.ts'
import { Command } from 'commander'
import { addCanary } from './verbs/canary.ts'
import { addCase } from './verbs/case.ts'
import { addClaim } from './verbs/claim.ts'
import { addCollect } from './verbs/collect.ts'
import { addContribute } from './verbs/contribute.ts'
import { addData } from './verbs/data.ts'
import { addEnrol } from './verbs/enrol.ts'
import { addKeys } from './verbs/keys.ts'
import { addLeave } from './verbs/leave.ts'
import { addModel } from './verbs/model.ts'
import { addOracle } from './verbs/oracle.ts'
import { addPackage } from './verbs/package.ts'
import { addReceipts } from './verbs/receipts.ts'
import { addRelease } from './verbs/release.ts'
import { addSend } from './verbs/send.ts'
import { addStake } from './verbs/stake.ts'
import { addStatus } from './verbs/status.ts'
import { addStore } from './verbs/store.ts'
import { addTask } from './verbs/task.ts'
import { addUnstake } from './verbs/unstake.ts'
import { addValidator } from './verbs/validator.ts'
import { addWithdraw } from './verbs/withdraw.ts'

/** The verbs in the order of the help. */
const VERBS = [
  addStatus,
  addKeys,
  addSend,
  addStake,
  addUnstake,
  addWithdraw,
  addEnrol,
  addLeave,
  addContribute,
  addValidator,
  addOracle,
  addData,
  addPackage,
  addTask,
  addModel,
  addClaim,
  addCollect,
  addRelease,
  addCase,
  addCanary,
  addStore,
  addReceipts,
]

/** The command line `assay` with all its verbs. */
export function createProgram(): Command {
  const program = new Command('assay')
    .description('Pays for verified training work: stake, train, be checked, be paid.')
    .addHelpText(
      'after',
      '\nExample:\n  assay status\n  assay stake --help\n\nAmounts are digits with at most one point, such as 1500 or 0.5; 1000wei are 1000 of the smallest unit.\n\nExit codes: 0 done, 1 refused, 2 wrong usage, 75 try again later.',
    )
    .helpCommand(false)
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({ writeErr: (text) => process.stderr.write(plainLines(text)) })
  for (const add of VERBS) add(program)
  return program
}
