import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { seatFee } from '@assay/sdk/protocol/cases.ts'
import {
  CANNOT_EXECUTE,
  EVIDENCE_MISSING,
  type JuryVote,
  juryVoteCommitment,
  WINDOW_DIFFERS,
  WINDOW_GOOD,
} from '@assay/sdk/protocol/jury-votes.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { commitJuryVote, commitJuryVoteCall } from '@assay/sdk/verbs/court/commit-jury-vote.ts'
import { readCase } from '@assay/sdk/verbs/court/read-case.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import { readJuror } from '@assay/sdk/verbs/court/read-juror.ts'
import { revealJuryVote, revealJuryVoteCall } from '@assay/sdk/verbs/court/reveal-jury-vote.ts'
import { settleSeat, settleSeatCall } from '@assay/sdk/verbs/court/settle-seat.ts'
import type { Command } from 'commander'
import { type Address, zeroHash } from 'viem'
import { parseCaseId } from '../case-id.ts'
import { accusationText } from '../case-text.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { addressOf, type KeyOptions, privateKeyOf, withTransaction } from '../options.ts'
import { perform } from '../transaction.ts'
import { wholeNumber } from '../whole-number.ts'

interface VoteOptions extends KeyOptions {
  answer: string
}

/** `assay case vote <case>` */
export function addVote(court: Command): void {
  const command = addVerb(court, {
    usage: 'vote <case>',
    summary: 'Commit to a vote as a juror, or reveal it, by hand.',
    details:
      'A running assay oracle computes the value itself and does both. Call this twice with the same answer: in the time for commitments, and in the time for reveals. The salt follows from your key. Another value than the last panel reports costs 30 % of the stake that you joined the jury with, silence 2 %; missing and cannot cost nothing, and earn nothing where others computed a value.',
    examples: [
      'assay case vote 3 --answer missing --keystore me.json',
      'assay case vote 3 --answer 0x… --keystore me.json',
    ],
  })
  withTransaction(command)
    .requiredOption(
      '--answer <value>',
      'the 32-byte value that you computed, or missing, cannot; of a window good or differs',
    )
    .action(vote)
}

async function vote(text: string, options: VoteOptions): Promise<void> {
  const caseId = parseCaseId(text)
  const result = parseVote(options.answer)
  const juror = await addressOf(options)
  await perform(options, async (reader) => {
    const one = await readCase(reader, { caseId })
    const place = await placeOf(reader, juror)
    const own = await voteOf(reader, options, { one, juror, result })
    return planVote(reader, one, { juror, place, own })
  })
}

async function planVote(
  reader: AssayReader,
  one: CourtCase,
  { juror, place, own }: { juror: Address; place: number; own: JuryVote },
) {
  const { caseId, state } = one
  const { panel } = state
  if (panel?.status !== 'committing' && panel?.status !== 'revealing') {
    throw new CliError(
      'failed',
      `Case ${caseId} has no panel that votes now.`,
      `See what is due in it: assay case show ${caseId}`,
    )
  }
  const { chainId, contracts } = reader.deployment
  const of = { chainId, jury: contracts.jury, panelId: panel.id, juror }
  const committing = { panelId: panel.id, place, digest: juryVoteCommitment(of, own) }
  const revealing = { panelId: panel.id, place, ...own }
  const isFirst = panel.status === 'committing'
  const fee = amountText(seatFee(await readCourtTerms(reader)), ASSAY)
  return {
    title: `${isFirst ? 'Commit to' : 'Reveal'} a vote in panel ${panel.id} of case ${caseId}, in which ${accusationText(one)}`,
    moves: [],
    notes: [
      `At stake is the stake that you joined the jury with: 30 % for another value than the last panel's, 2 % for silence; a right vote earns ${fee} at most`,
    ],
    calls: [
      isFirst
        ? commitJuryVoteCall(reader.deployment, committing)
        : revealJuryVoteCall(reader.deployment, revealing),
    ],
    send: (client: Parameters<typeof commitJuryVote>[0]) =>
      isFirst ? commitJuryVote(client, committing) : revealJuryVote(client, revealing),
    done: () => ({
      data: {
        caseId,
        panelId: panel.id,
        place,
        step: isFirst ? 'committed' : 'revealed',
        result: own.result,
      },
      text: isFirst
        ? `Committed. Reveal the same answer once commitments are over: assay case vote ${caseId}`
        : `Revealed. The seat is settled once the case is closed: assay case settle ${caseId}`,
    }),
  }
}

function parseVote(answer: string): Hash {
  if (answer === 'missing') return EVIDENCE_MISSING
  if (answer === 'cannot') return CANNOT_EXECUTE
  if (answer === 'good') return WINDOW_GOOD
  if (answer === 'differs') return WINDOW_DIFFERS
  if (/^0x[0-9a-f]{64}$/.test(answer) && BigInt(answer) > 2n) return answer as Hash
  throw new CliError(
    'usage',
    `--answer is "${answer.slice(0, 80)}", which is no vote.`,
    'Give missing, cannot, of a window good or differs, or the value as 0x and 64 lowercase digits.',
  )
}

async function placeOf(reader: AssayReader, juror: Address): Promise<number> {
  const place = (await readJuror(reader, { account: juror }))?.place
  if (place !== undefined) return place
  throw new CliError('failed', `${juror} has no place in the jury.`, 'A running assay oracle joins it.')
}

/** The whole vote. A witness takes the computation itself; a vote by hand has none. */
async function voteOf(
  { deployment }: AssayReader,
  options: KeyOptions,
  { one, juror, result }: { one: CourtCase; juror: Address; result: Hash },
): Promise<JuryVote> {
  const { keySeedOf, oracleKeys } = await import('@assay/oracle/oracle-keys.ts')
  const keys = oracleKeys(keySeedOf(await privateKeyOf(options)))
  const { chainId, contracts } = deployment
  const place = { chainId, jury: contracts.jury, juror, panelId: one.state.panel?.id ?? 0n }
  return { result, witness: zeroHash, salt: keys.juryVoteSalt({ ...place, question: one.facts.accused }) }
}

interface SettleOptions extends KeyOptions {
  instance: number
  place?: number
}

/** `assay case settle <case>` */
export function addSettle(court: Command): void {
  const command = addVerb(court, {
    usage: 'settle <case>',
    summary: "Pay a juror's fee in a closed case, or take its penalty. Anyone can.",
    details:
      'A running assay oracle does this for its own seats, and for those of jurors that owe a penalty.',
    examples: [
      'assay case settle 3 --keystore me.json',
      'assay case settle 3 --place 5 --instance 1 --keystore me.json',
    ],
  })
  withTransaction(command)
    .option('--place <number>', 'of the juror in the roster (default: your own)', wholeNumber('--place', 63))
    .option('--instance <number>', 'of the panel: 0, and 1 or 2 for appeals', wholeNumber('--instance', 2), 0)
    .action(async (text: string, options: SettleOptions) => {
      const caseId = parseCaseId(text)
      const { instance } = options
      const own = options.place === undefined ? await addressOf(options) : undefined
      await perform(options, async (reader) => {
        const place = options.place ?? (await placeOf(reader, own!))
        const seat = { caseId, instance, place }
        return {
          title: `Settle the seat at place ${place} of case ${caseId}`,
          moves: [],
          calls: [settleSeatCall(reader.deployment, seat)],
          send: (client) => settleSeat(client, seat),
          done: () => ({ data: seat, text: 'Settled. What the court owes is paid by assay case withdraw.' }),
        }
      })
    })
}
