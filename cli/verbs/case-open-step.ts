import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import {
  type CaseFacts,
  challengerReward,
  seatFee,
  stepBond,
  stepPenalty,
} from '@assay/sdk/protocol/cases.ts'
import { allowCalls } from '@assay/sdk/verbs/assay-token/allow.ts'
import { accuseStep, accuseStepCall, stepAccusation } from '@assay/sdk/verbs/court/accuse-step.ts'
import { announceKeys, announceKeysCall } from '@assay/sdk/verbs/court/announce-keys.ts'
import { commitAccusationCall } from '@assay/sdk/verbs/court/commit-accusation.ts'
import { accusationSalt } from '@assay/sdk/verbs/court/open-case.ts'
import { readCase } from '@assay/sdk/verbs/court/read-case.ts'
import { type CourtTerms, readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import { readJurorKeys } from '@assay/sdk/verbs/court/read-juror.ts'
import { readSeats } from '@assay/sdk/verbs/court/read-seats.ts'
import { readTaskParams } from '@assay/sdk/verbs/tasks/read-task-params.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import type { Command } from 'commander'
import { hexToBytes } from 'viem'
import { BOND_GAS_AT_MOST, requireAccepted } from '../bond.ts'
import { parseCaseId } from '../case-id.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { type KeyOptions, type SenderOptions, senderOf, withTransaction } from '../options.ts'
import { withStore } from '../store-options.ts'
import { perform } from '../transaction.ts'

/** What a case about a false step is opened with. */
export interface StepOptions extends SenderOptions, StoreOptions {
  round: number
  falseStep: string
  package?: string
}

/** Accuses of a false step, with what an oracle kept of its replay. */
export async function openStepCase(taskId: bigint, options: StepOptions): Promise<void> {
  const sender = await senderOf(options)
  await perform(options, async (reader) => {
    const params = await readTaskParams(reader, { taskId })
    const terms = await readCourtTerms(reader)
    // Loaded only here: the other verbs start faster without an engine.
    const { readCaseFile } = await import('../case-file.ts')
    const { charge, put } = await readCaseFile(options, reader, { taskId, params })
    const bond = stepBond(params.contributorStake, terms)
    const { contributor, round, step } = charge
    const salt = accusationSalt()
    const call = accuseStepCall(reader.deployment, { ...charge, salt })
    const commitments =
      sender === undefined
        ? []
        : [commitAccusationCall(reader.deployment, { ...stepAccusation(charge, sender), salt })]
    const { assayToken: token, court: spender } = reader.deployment.contracts
    const approval = { token, spender, amount: bond }
    const approvals = sender === undefined ? [] : await allowCalls(reader, { ...approval, owner: sender })
    const said = amountText(bond, ASSAY, 'exact')
    const title = `Accuse ${contributor} of a false step in window ${step.window} of round ${round} in task ${taskId}`
    return {
      title,
      moves: [{ amount: said, from: 'your wallet', to: 'the court, as your bond' }],
      notes: stakesText(terms, params.contributorStake, contributor),
      spends: { token, unit: ASSAY, amount: bond },
      calls: [...approvals, ...commitments, call],
      gasAtMost: BOND_GAS_AT_MOST,
      rehearse: async () => {
        await requireAccepted(reader, call, sender)
        await put()
      },
      send: (client) => accuseStep(client, { ...charge, bond }),
      done: ({ caseId }) => ({
        data: { caseId, bond, taskId, round, contributor, window: step.window, evidence: charge.evidence },
        text: `Case ${caseId} is open, with your bond of ${said}. Once its jurors are drawn, give them the key to the evidence, or you lose the bond: assay case keys ${caseId} --false-step ${options.falseStep}`,
      }),
    }
  })
}

function stakesText(terms: CourtTerms, stake: bigint, contributor: string): string[] {
  const sums = [stepPenalty(stake), seatFee(terms), challengerReward('falseStep', stake, terms)]
  const [penalty, fee, reward] = sums.map((wei) => amountText(wei, ASSAY))
  return [
    `If jurors compute the committed state, or don't get the evidence, you lose the bond: each of them is paid ${fee}, the rest is burnt`,
    `If most of them compute another state, ${contributor} loses ${penalty} of stake, all of it as a repeat, and its pay in the task that isn't mature now`,
    `Then you get the bond back and ${reward}, unless less is left to take; more of a repeat, less after appeals: assay case withdraw`,
  ]
}

/** `assay case keys <case>` */
export function addKeys(court: Command): void {
  const command = addVerb(court, {
    usage: 'keys <case>',
    summary: 'Give the drawn jurors of a case the key to its evidence.',
    details:
      'A running assay oracle does this by itself for the cases that it opened. The key is encrypted to each juror, with the public key that it joined with. Needed again for the panel of an appeal.',
    examples: [
      'assay case keys 3 --false-step ./me/false-steps/1-4-0x…-2.safetensors --store-url http://127.0.0.1:8080 --keystore me.json',
    ],
  })
  withStore(withTransaction(command), 'blob server of the task')
    .option('--false-step <file>', 'what a case about a false step was opened with')
    .option('--pool <file>', 'what a case about a score or a model was opened with')
    .option('--package <folder>', "the task's package (default: fetched from the store by its hash)")
    .action(giveKeys)
}

type KeysOptions = Omit<StepOptions, 'round' | 'falseStep'> &
  KeyOptions & { falseStep?: string; pool?: string }

async function giveKeys(text: string, options: KeysOptions): Promise<void> {
  const caseId = parseCaseId(text)
  await perform(options, async (reader) => {
    const { facts, state } = await readCase(reader, { caseId })
    const { panel } = state
    if (panel?.status !== 'committing') {
      throw new CliError(
        panel === undefined || panel.status === 'drawing' ? 'tryAgain' : 'failed',
        `Case ${caseId} has no panel now that waits for a key.`,
        `See what is due in it: assay case show ${caseId}`,
      )
    }
    const { charge, put, putBlob, file } = await readEvidence(options, reader, facts)
    requireItsEvidence(facts, { caseId, evidence: charge.evidence, file })
    const [seats, keys] = await Promise.all([
      readSeats(reader, { panel }),
      readJurorKeys(reader, { blockNumber: await reader.chain.getBlockNumber() }),
    ])
    const jurors = seats.flatMap(({ juror }) => {
      const encryptionKey = keys.get(juror.toLowerCase())
      return encryptionKey === undefined ? [] : [{ juror, encryptionKey: hexToBytes(encryptionKey) }]
    })
    const { writeCaseKeys } = await import('@assay/store/case-evidence.ts')
    const { hashOf } = await import('@assay/store/sha256.ts')
    const blob = writeCaseKeys(charge.key, charge.evidence, jurors)
    const parameters = { caseId, panelId: panel.id, keysBlob: hashOf(blob) }
    return {
      title: `Give ${jurors.length} jurors the key to the evidence of case ${caseId}`,
      moves: [],
      calls: [announceKeysCall(reader.deployment, parameters)],
      rehearse: async () => {
        await put()
        await putBlob(blob)
      },
      send: (client) => announceKeys(client, parameters),
      done: () => ({
        data: { ...parameters, jurors: jurors.map(({ juror }) => juror) },
        text: `${jurors.length} jurors can read the evidence of case ${caseId}.`,
      }),
    }
  })
}

/** The evidence that the options name, as its case has it. */
async function readEvidence(
  { falseStep, pool, ...options }: KeysOptions,
  reader: AssayReader,
  facts: CaseFacts,
) {
  if ((falseStep === undefined) === (pool === undefined))
    throw new CliError('usage', 'Give either --false-step or --pool.', 'Give what the case was opened with.')
  if (pool !== undefined) {
    // Loaded only here: the other verbs start faster without an engine.
    const { readPoolCase } = await import('../case-pool.ts')
    return { ...(await readPoolCase({ ...options, pool }, reader, facts)), file: pool }
  }
  const { taskId, round } = facts
  const params = await readTaskParams(reader, { taskId })
  const named = { ...options, falseStep: falseStep!, round }
  const { readCaseFile } = await import('../case-file.ts')
  return { ...(await readCaseFile(named, reader, { taskId, params })), file: named.falseStep }
}

function requireItsEvidence(
  facts: CaseFacts,
  { caseId, evidence, file }: { caseId: bigint; evidence: string; file: string },
): void {
  if (facts.evidence === evidence) return
  throw new CliError(
    'failed',
    `Case ${caseId} names the evidence ${facts.evidence}, ${file} makes ${evidence}.`,
    'Give the file that the case was opened with.',
  )
}
