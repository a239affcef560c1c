import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { annul, annulCall } from '@assay/sdk/verbs/court/annul.ts'
import { readCase } from '@assay/sdk/verbs/court/read-case.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readJuror } from '@assay/sdk/verbs/court/read-juror.ts'
import { suspend, suspendCall } from '@assay/sdk/verbs/court/suspend.ts'
import { votePoll, votePollCall } from '@assay/sdk/verbs/court/vote-poll.ts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import { requireAccepted } from '../bond.ts'
import { parseCaseId } from '../case-id.ts'
import { caseText, stagesOf } from '../case-text.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { parseAddress } from '../format.ts'
import { type KeyOptions, type SenderOptions, senderOf, withTransaction } from '../options.ts'
import { perform } from '../transaction.ts'

interface PollOptions extends SenderOptions {
  execute?: boolean
  annul?: boolean
}

/** `assay case suspend <case>` */
export function addSuspend(court: Command): void {
  const command = addVerb(court, {
    usage: 'suspend <case>',
    summary:
      "Suspend a verdict of guilty, once, before its penalty can be taken. Only the deployment's guardian.",
    details:
      'It only delays: meanwhile all jurors vote about the verdict, and without a majority against it it is carried out once the time is over. With --unsigned, --account says who will send the call.',
    examples: [
      'assay case suspend 3 --keystore guardian.json',
      'assay case suspend 3 --unsigned --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    ],
  })
  withTransaction(command)
    .option('--account <address>', 'with --unsigned: who will send the call', parseAddress)
    .action(async (text: string, options: SenderOptions) => {
      const caseId = parseCaseId(text)
      const sender = await senderOf(options)
      await perform(options, (reader) => planSuspension(reader, caseId, sender))
    })
}

async function planSuspension(reader: AssayReader, caseId: bigint, sender: Address | undefined) {
  const one = await readCase(reader, { caseId })
  const parameters = { caseId, facts: one.facts }
  const call = suspendCall(reader.deployment, parameters)
  await requireAccepted(reader, call, sender)
  const [at] = await stagesOf(reader, [one])
  return {
    title: `Suspend the verdict of case ${caseId}`,
    moves: [],
    notes: [caseText(at!)],
    calls: [call],
    send: (client: Parameters<typeof suspend>[0]) => suspend(client, parameters),
    done: () => ({
      data: { caseId, wasSuspended: true },
      text: `The verdict of case ${caseId} is suspended. See how all jurors' vote stands: assay case show ${caseId}`,
    }),
  }
}

/** `assay case poll <case>` */
export function addPoll(court: Command): void {
  const command = addVerb(court, {
    usage: 'poll <case>',
    summary: 'Vote as a juror about a verdict that the guardian has suspended.',
    details:
      'Everybody who was a juror when it was suspended can vote once. More than half of the weight of all has the verdict carried out at once, or annuls it: then the case ends and nobody loses anything. Fewer decide nothing, and the verdict can be carried out once its time is over. A running assay oracle votes by itself about what it computed. With --unsigned, --account says who will send the call.',
    examples: [
      'assay case poll 3 --execute --keystore me.json',
      'assay case poll 3 --annul --keystore me.json',
    ],
  })
  withTransaction(command)
    .option('--execute', 'the verdict is right: it is to be carried out at once')
    .option('--annul', 'the verdict is wrong: it is to be taken back')
    .option('--account <address>', 'with --unsigned: who will send the call', parseAddress)
    .action(poll)
}

async function poll(text: string, options: PollOptions): Promise<void> {
  const caseId = parseCaseId(text)
  const { execute: isFor = false, annul: isAgainst = false } = options
  if (isFor === isAgainst)
    throw new CliError(
      'usage',
      'Give either --execute or --annul.',
      '--execute has the suspended verdict carried out at once, --annul takes it back.',
    )
  const juror = await senderOf(options)
  if (juror === undefined)
    throw new CliError('usage', 'Nothing says who votes.', 'Name a key, or give --account with --unsigned.')
  await perform(options, (reader) => planPoll(reader, { caseId, juror, isForExecution: isFor }))
}

async function planPoll(
  reader: AssayReader,
  { caseId, juror, isForExecution }: { caseId: bigint; juror: Address; isForExecution: boolean },
) {
  const one = await readCase(reader, { caseId })
  const parameters = { caseId, place: await placeOf(reader, one, juror), isForExecution }
  const [at] = await stagesOf(reader, [one])
  return {
    title: `Vote that the suspended verdict of case ${caseId} be ${isForExecution ? 'carried out' : 'annulled'}`,
    moves: [],
    notes: [caseText(at!)],
    calls: [votePollCall(reader.deployment, parameters)],
    send: (client: Parameters<typeof votePoll>[0]) => votePoll(client, parameters),
    done: () => ({
      data: parameters,
      text: `Voted. See how all jurors' vote stands: assay case show ${caseId}`,
    }),
  }
}

/** The place with which an account votes. @throws CliError where it has no vote, or has voted */
async function placeOf(reader: AssayReader, { caseId, state }: CourtCase, juror: Address): Promise<number> {
  const { poll } = state
  if (poll === undefined)
    throw new CliError(
      'failed',
      `Nobody votes about case ${caseId}: it has no verdict that is suspended.`,
      `See what is due in it: assay case show ${caseId}`,
    )
  const seat = await readJuror(reader, { account: juror })
  const isIn =
    seat?.place !== undefined && seat.from <= poll.openedAt && (seat.until ?? Infinity) > poll.openedAt
  if (!isIn)
    throw new CliError(
      'failed',
      `${juror} was no juror when the verdict of case ${caseId} was suspended.`,
      'Vote with the account of a juror who had its place by then.',
    )
  if (!poll.voted.includes(seat.place!)) return seat.place!
  throw new CliError(
    'failed',
    `${juror} has voted about case ${caseId}.`,
    `See how all jurors' vote stands: assay case show ${caseId}`,
  )
}

/** `assay case annul <case>` */
export function addAnnul(court: Command): void {
  const command = addVerb(court, {
    usage: 'annul <case>',
    summary: 'End a case whose suspended verdict all jurors have annulled. Anyone can.',
    details: 'Nobody loses anything then: bonds go back, and the charge is decided for good.',
    examples: ['assay case annul 3 --keystore me.json'],
  })
  withTransaction(command).action(async (text: string, options: KeyOptions) => {
    const caseId = parseCaseId(text)
    await perform(options, async (reader) => {
      const one = await readCase(reader, { caseId })
      const { facts } = one
      const [at] = await stagesOf(reader, [one])
      return {
        title: `End case ${caseId}, whose verdict all jurors took back`,
        moves: [],
        notes: [caseText(at!)],
        calls: [annulCall(reader.deployment, { caseId, facts })],
        send: (client) => annul(client, { caseId, facts }),
        done: () => ({
          data: { caseId, verdict: 'annulled' },
          text: `Case ${caseId} is annulled: ${facts.defendant} loses nothing, and ${facts.challenger} gets its bond back.`,
        }),
      }
    })
  })
}
