import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { decodeFailure } from '@assay/sdk/client/errors.ts'
import { burnCanary, burnCanaryCall } from '@assay/sdk/verbs/canaries/burn-canary.ts'
import { type Accuracy, readAccuracy } from '@assay/sdk/verbs/canaries/read-accuracy.ts'
import { type Canary, readCanaries, readCanary } from '@assay/sdk/verbs/canaries/read-canaries.ts'
import { readCanaryStage } from '@assay/sdk/verbs/canaries/read-canary-stage.ts'
import { withdrawCanary, withdrawCanaryCall } from '@assay/sdk/verbs/canaries/withdraw-canary.ts'
import { readRoster } from '@assay/sdk/verbs/rounds/read-roster.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import { print } from '../answer.ts'
import { readCanaryFile, requireKeyOf } from '../canary-file.ts'
import { type CanaryAt, canaryOfFile, canaryText, contractOf } from '../canary-text.ts'
import { addVerb, group } from '../command.ts'
import { parseAddress, parseTaskId } from '../format.ts'
import { type ChainOptions, type KeyOptions, readerOf, withChain, withTransaction } from '../options.ts'
import { chainSeconds } from '../time.ts'
import { perform } from '../transaction.ts'
import { wholeNumber } from '../whole-number.ts'
import { addCommitCanary, addSubmitCanary } from './canary-commit.ts'
import { addJudge, addOpenCanary } from './canary-open.ts'

/** `assay canary show|commit|submit|open|judge|withdraw|burn` */
export function addCanary(program: Command): void {
  const canary = group(program, {
    usage: 'canary',
    summary: 'Plant submissions whose right judgement is known, and see who judges them rightly.',
    examples: ['assay canary show 1', 'assay canary commit --help'],
  })
  addShow(canary)
  addCommitCanary(canary)
  addSubmitCanary(canary)
  addOpenCanary(canary)
  addJudge(canary)
  addWithdrawCanary(canary)
  addBurn(canary)
}

function addShow(canary: Command): void {
  const command = addVerb(canary, {
    usage: 'show <task>',
    summary: "Show a task's canaries, and how often its validators were right about them.",
    details:
      'Without --owner only those count that are proven to have no opening, of all owners. What other canaries should score is the word of their owner: name whom you believe.',
    examples: ['assay canary show 1', 'assay canary show 1 --owner 0x… --json'],
  })
  withChain(command)
    .option('--owner <address>', 'count the canaries of this owner that have an opening', parseAddress)
    .action(show)
}

type Row = Accuracy & { validator: Address }

async function show(task: string, options: ChainOptions & { owner?: Address }): Promise<void> {
  const taskId = parseTaskId(task)
  const reader = await readerOf(options)
  // Refuses a task that doesn't exist: it is no task without canaries.
  await readTask(reader, { taskId })
  const canaries = await Promise.all(
    (await readCanaries(reader, { taskId })).map((one) => withDue(reader, one)),
  )
  const accuracies = await readAccuracies(reader, taskId, options.owner)
  const text = showText(taskId, { canaries, accuracies, now: await chainSeconds(reader) })
  print({ data: { taskId, owner: options.owner, canaries, accuracies }, text }, options.json)
}

async function withDue(reader: AssayReader, canary: Canary): Promise<CanaryAt> {
  return canary.status === 'committed' ? { ...canary, due: await readCanaryStage(reader, canary) } : canary
}

/** Of the validators of the roster that somebody booked. */
async function readAccuracies(reader: AssayReader, taskId: bigint, owner?: Address): Promise<Row[]> {
  const { validators } = await readRoster(reader, { taskId })
  const seated = validators.filter((validator) => validator !== undefined)
  const rows = seated.map(async (validator) => {
    const of = { taskId, validator, ...(owner !== undefined && { owner }) }
    return { validator, ...(await readAccuracy(reader, of)) }
  })
  return (await Promise.all(rows)).filter(({ judged }) => judged > 0)
}

type Shown = { canaries: CanaryAt[]; accuracies: Row[]; now: number }

function showText(taskId: bigint, { canaries, accuracies, now }: Shown): string {
  if (canaries.length === 0) return `Task ${taskId} has had no canary yet.`
  const said = accuracies.map(
    ({ validator, right, judged }) => `${validator} was right about ${right} of ${judged}`,
  )
  const booked = said.length === 0 ? ['Nothing that a seat said is booked yet.'] : said
  return [...canaries.map((one) => canaryText(one, now)), ...booked].join('\n')
}

function addWithdrawCanary(canary: Command): void {
  const command = addVerb(canary, {
    usage: 'withdraw',
    summary: 'Take the bond of a canary back that came to nothing.',
    details:
      'Before its round opens; if the round was void; or, once the round is sealed and before the contributor submits to a later one, if it submitted nothing to it. That shows who the contributor is.',
    examples: ['assay canary withdraw --file canary-7.json --keystore owner.json'],
  })
  withTransaction(command).requiredOption('--file <file>', 'what assay canary commit wrote').action(withdraw)
}

async function withdraw(options: KeyOptions & { file: string }): Promise<void> {
  await perform(options, async (reader) => {
    const file = await readCanaryFile(options.file, contractOf(reader))
    await requireKeyOf(options, file, 'owner')
    const { canaryId, bond } = await canaryOfFile(reader, options.file, file)
    const { contributor, truth, salt, owner } = file
    const isBound = await isStillBound(reader, canaryId, owner)
    const parameters = isBound ? { canaryId, contributor, truth, salt } : { canaryId }
    const said = amountText(bond, ASSAY, 'exact')
    return {
      title: `Take the bond of canary ${canaryId} back`,
      moves: [{ amount: said, from: 'the canaries', to: 'your wallet' }],
      notes: isBound ? [`This shows that ${contributor} was to submit it`] : [],
      calls: [withdrawCanaryCall(reader.deployment, parameters)],
      send: (client) => withdrawCanary(client, parameters),
      done: () => ({ data: { canaryId, bond }, text: `The bond of ${said} is back.` }),
    }
  })
}

/** Whether the round has opened, so that only an absent contributor frees the bond. */
async function isStillBound(reader: AssayReader, canaryId: bigint, account: Address): Promise<boolean> {
  const { to, data } = withdrawCanaryCall(reader.deployment, { canaryId })
  try {
    await reader.chain.call({ account, to, data })
    return false
  } catch (error) {
    return decodeFailure(error).name === 'Canaries_StillBound'
  }
}

function addBurn(canary: Command): void {
  const command = addVerb(canary, {
    usage: 'burn <canary>',
    summary: 'Burn the bond of a canary that its owner did not open in time.',
    examples: ['assay canary burn 3 --keystore me.json'],
  })
  withTransaction(command).action(async (text: string, options: KeyOptions) => {
    const canaryId = BigInt(wholeNumber('The canary', 2 ** 32 - 1)(text))
    await perform(options, async (reader) => {
      const { owner, bond, round, taskId } = await readCanary(reader, { canaryId })
      const said = amountText(bond, ASSAY, 'exact')
      return {
        title: `Burn the bond of canary ${canaryId}, in round ${round} of task ${taskId}`,
        moves: [{ amount: said, from: `the bond of ${owner}`, to: 'nobody: it is burnt' }],
        calls: [burnCanaryCall(reader.deployment, { canaryId })],
        send: (client) => burnCanary(client, { canaryId }),
        done: () => ({
          data: { canaryId, owner, bond },
          text: `The bond of canary ${canaryId}, ${said} of ${owner}, is burnt.`,
        }),
      }
    })
  })
}
