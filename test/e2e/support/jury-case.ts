import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { State } from '@assay/engine/package/state.ts'
import { writeStepCase } from '@assay/engine/run/step-case.ts'
import { keepStep } from '@assay/oracle/court/kept-steps.ts'
import { approveCall } from '@assay/sdk/verbs/assay-token/approve.ts'
import { transferCall } from '@assay/sdk/verbs/assay-token/transfer.ts'
import { readJuror } from '@assay/sdk/verbs/court/read-juror.ts'
import { stakeCall } from '@assay/sdk/verbs/stake-registry/stake.ts'
import { parseEther } from 'viem'
import type { TestAccount } from './chain.ts'
import { type HandMadeUpdate, halved, stepCaseOf } from './hand-made-update.ts'
import type { Scene } from './scene.ts'

const ROUND = 1
const JUROR_STAKE = parseEther('1000')

/** Ends in a state that no training gives: half of the base. */
export function untrained({ task }: Scene): Partial<{ fakeFinal: State }> {
  return { fakeFinal: halved(task.init) }
}

/** Gives accounts free stake of a juror. */
export async function stakeForJury({ chain }: Scene, accounts: readonly TestAccount[]): Promise<void> {
  const { assayToken: token, stakeRegistry: spender } = chain.deployment.contracts
  const owner = chain.accounts[0]!
  await chain.sendAll([
    ...accounts.map(({ address: to }) => ({
      account: owner,
      call: transferCall({ token, to, amount: JUROR_STAKE }),
    })),
  ])
  await chain.sendAll(
    accounts.flatMap((account) => [
      { account, call: approveCall({ token, spender, amount: JUROR_STAKE }) },
      { account, call: stakeCall(chain.deployment, { amount: JUROR_STAKE }) },
    ]),
  )
}

/** How many of these accounts sit in the jury, and can be drawn by now. */
export async function jurorsAmong(
  { reader, chain }: Scene,
  accounts: readonly TestAccount[],
): Promise<number> {
  const { timestamp } = await chain.client.getBlock()
  const seats = await Promise.all(accounts.map(({ address }) => readJuror(reader, { account: address })))
  return seats.filter((seat) => seat !== undefined && seat.from <= Number(timestamp)).length
}

/** Leaves in an oracle's folder what its replay of a window would have left. */
export function keepFalseStep(
  scene: Scene,
  dataDir: string,
  of: HandMadeUpdate,
  window: number,
): Promise<void> {
  const keeper = { config: { taskId: scene.taskId, dataDir } } as Parameters<typeof keepStep>[0]
  return keepStep(
    keeper,
    { round: ROUND, contributor: of.account.address },
    stepCaseOf(scene.engine, of, window),
  )
}

/** Writes the evidence of a window into a file. @returns its path */
export async function writeEvidence(scene: Scene, of: HandMadeUpdate, window: number): Promise<string> {
  const file = join(scene.dir, 'shown', `${window}.safetensors`)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, writeStepCase(stepCaseOf(scene.engine, of, window)))
  return file
}
