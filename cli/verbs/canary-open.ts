import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayClient, AssayReader } from '@assay/sdk/client/clients.ts'
import { AssayError, decodeFailure } from '@assay/sdk/client/errors.ts'
import type { Call, Sent } from '@assay/sdk/client/send.ts'
import { allowCalls } from '@assay/sdk/verbs/assay-token/allow.ts'
import {
  type JudgeSeatParameters,
  judgeSeat,
  judgeSeatCall,
  readSeatWords,
} from '@assay/sdk/verbs/canaries/judge-seat.ts'
import { openCanary, openCanaryCall } from '@assay/sdk/verbs/canaries/open-canary.ts'
import { type Canary, readCanaries } from '@assay/sdk/verbs/canaries/read-canaries.ts'
import { readCanaryProof } from '@assay/sdk/verbs/canaries/read-canary-proof.ts'
import { readCanaryStage } from '@assay/sdk/verbs/canaries/read-canary-stage.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import { readCanaryFile, requireKeyOf } from '../canary-file.ts'
import { canaryOfFile, contractOf, truthText } from '../canary-text.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { parseTaskId } from '../format.ts'
import { type KeyOptions, withTransaction } from '../options.ts'
import { readToken } from '../token.ts'
import { perform } from '../transaction.ts'
import { wholeNumber } from '../whole-number.ts'

/** Most gas of approvals and an opening, or of a seat that is booked. */
const GAS_AT_MOST = 3_000_000n
/** `assay canary open` */
export function addOpenCanary(canary: Command): void {
  const command = addVerb(canary, {
    usage: 'open',
    summary: 'Show whose submission a canary is and what is right, and get the bond back.',
    details:
      "From the end of all cohorts of its round until the round is final. Do it before the round closes: until then nobody can open a case about a submission that has no opening. You give what it was paid to the task's owner, in the task's reward token. Afterwards have the seats booked: assay canary judge. A seat that scored what does not help is accused with assay case open --score.",
    examples: ['assay canary open --file canary-7.json --keystore owner.json'],
  })
  withTransaction(command).requiredOption('--file <file>', 'what assay canary commit wrote').action(open)
}

async function open(options: KeyOptions & { file: string }): Promise<void> {
  await perform(options, async (reader) => {
    const file = await readCanaryFile(options.file, contractOf(reader))
    await requireKeyOf(options, file, 'owner')
    const { taskId, round, contributor, truth, salt, owner } = file
    const { canaryId, bond } = await canaryOfFile(reader, options.file, file)
    await requireDone(reader, { taskId, round })
    const [{ params, owner: taskOwner }, proof] = await Promise.all([
      readTask(reader, { taskId }),
      readCanaryProof(reader, { taskId, round, contributor }),
    ])
    const { rewardToken: token } = params
    const unit = await readToken(reader, token)
    const parameters = { canaryId, contributor, truth, salt, rewardToken: token, ...proof }
    const spender = reader.deployment.contracts.canaries
    const approvals = await allowCalls(reader, { token, spender, amount: proof.pay, owner })
    const call = openCanaryCall(reader.deployment, parameters)
    return {
      title: `Open canary ${canaryId}: of the submission of ${contributor} in round ${round} of task ${taskId} seats should say ${truthText(truth)}`,
      moves: [
        {
          amount: amountText(proof.pay, unit, 'exact'),
          from: 'your wallet',
          to: `the task's owner ${taskOwner}`,
        },
        { amount: amountText(bond, ASSAY, 'exact'), from: 'the canaries', to: 'your wallet' },
      ],
      spends: { token, unit, amount: proof.pay },
      calls: [...approvals, call],
      gasAtMost: GAS_AT_MOST,
      rehearse: () => requireOpenable(reader, call, owner),
      send: (client) => openCanary(client, parameters),
      done: () => ({
        data: { canaryId, taskId, round, contributor, truth, pay: proof.pay, bond },
        text: `Canary ${canaryId} is open. Book what its seats said: assay canary judge ${taskId} --canary ${canaryId}`,
      }),
    }
  })
}

/** @throws CliError before all cohorts of the round are done */
async function requireDone(
  reader: AssayReader,
  { taskId, round }: { taskId: bigint; round: number },
): Promise<void> {
  const { stage } = await readCanaryStage(reader, { taskId, round })
  if (stage !== 'ahead' && stage !== 'running') return
  throw new CliError(
    'tryAgain',
    stage === 'ahead'
      ? `Round ${round} of task ${taskId} has not opened yet.`
      : `Seats can still score round ${round} of task ${taskId}.`,
    'Open the canary once all cohorts are done: see assay status.',
  )
}

/**
 * Asks the chain whether it would take the call but for the approval of the reward token, which comes last, and whose refusal each token
 * says in its own way.
 *
 * @throws AssayError with any other refusal
 */
async function requireOpenable({ chain }: AssayReader, { to, data }: Call, account: Address): Promise<void> {
  try {
    await chain.call({ account, to, data })
  } catch (error) {
    const failure = decodeFailure(error)
    const isOurs = /^(Canaries|Accusations|Tasks|Sampling)_/.test(failure.name)
    if (isOurs || failure.kind === 'transient') throw new AssayError(failure)
  }
}

/** `assay canary judge <task>` */
export function addJudge(canary: Command): void {
  const command = addVerb(canary, {
    usage: 'judge <task>',
    summary: 'Book what the seats said of an opened canary, right or wrong.',
    details:
      'Anyone can, as long as the chain keeps the round: eight rounds. A seat that says that it did not look, or could not, counts neither way. One transaction a seat.',
    examples: ['assay canary judge 1 --canary 3 --keystore me.json'],
  })
  withTransaction(command)
    .requiredOption('--canary <number>', 'its number', wholeNumber('--canary', 2 ** 32 - 1))
    .action(judge)
}

async function judge(task: string, options: KeyOptions & { canary: number }): Promise<void> {
  const taskId = parseTaskId(task)
  await perform(options, async (reader) => {
    const { canaryId, round, opened } = await openedCanary(reader, taskId, options.canary)
    const words = await readSeatWords(reader, { taskId, round, submission: opened.submission })
    const seats = await bookable(
      reader,
      words.map((word) => ({ canaryId, ...word })),
    )
    if (seats.length === 0) {
      throw new CliError(
        'failed',
        `Nothing is left to book of canary ${canaryId}: ${words.length} seats revealed their scores.`,
        'Seats count once, and only where they judged the submission.',
      )
    }
    return {
      title: `Book what ${seats.length} seats said of canary ${canaryId}`,
      moves: [],
      notes: [`Right is ${truthText(opened.truth)}`],
      calls: seats.map((seat) => judgeSeatCall(reader.deployment, seat)),
      gasAtMost: GAS_AT_MOST * BigInt(seats.length),
      send: (client) => judgeAll(client, seats),
      done: (judged) => ({
        data: { canaryId, seats: judged },
        text: judged
          .map(({ validator, isRight }) => `${validator} was ${isRight ? 'right' : 'wrong'}`)
          .join('\n'),
      }),
    }
  })
}

type Opened = Canary & { opened: NonNullable<Canary['opened']> }

/** @throws CliError when the task has no such canary, or nobody has opened it */
async function openedCanary(reader: AssayReader, taskId: bigint, canary: number): Promise<Opened> {
  const all = await readCanaries(reader, { taskId })
  const found = all.find(({ canaryId }) => canaryId === BigInt(canary))
  if (found?.opened !== undefined) return { ...found, opened: found.opened }
  throw new CliError(
    'failed',
    found === undefined
      ? `Task ${taskId} has no canary ${canary}.`
      : `Canary ${canary} is not opened: it is ${found.status}.`,
    `See which there are: assay canary show ${taskId}`,
  )
}

/** The seats that the chain would book now. */
async function bookable(reader: AssayReader, seats: JudgeSeatParameters[]): Promise<JudgeSeatParameters[]> {
  const taken = await Promise.all(
    seats.map(async (seat) => {
      try {
        const { to, data } = judgeSeatCall(reader.deployment, seat)
        await reader.chain.call({ to, data })
        return true
      } catch (error) {
        const failure = decodeFailure(error)
        if (failure.name === 'Canaries_SaysNothing' || failure.name === 'Canaries_JudgedBefore') return false
        throw new AssayError(failure)
      }
    }),
  )
  return seats.filter((_, i) => taken[i])
}

type Judged = { validator: Address; isRight: boolean }

/** Books one seat after the other. @returns the first failure, or the last transaction with what all of them said */
async function judgeAll(client: AssayClient, seats: JudgeSeatParameters[]): Promise<Sent<Judged[]>> {
  const judged: Judged[] = []
  let last: Sent<Judged[]> | undefined
  for (const seat of seats) {
    const sent = await judgeSeat(client, seat)
    if (sent.status !== 'done') return sent
    judged.push({ validator: seat.validator, isRight: sent.value.isRight })
    last = { ...sent, value: judged }
  }
  if (last === undefined) throw new Error('there is no seat to book')
  return last
}
