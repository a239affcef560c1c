import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayClient, AssayReader } from '@assay/sdk/client/clients.ts'
import type { Call, Sent } from '@assay/sdk/client/send.ts'
import { challengerReward, type JuryKind, seatFee } from '@assay/sdk/protocol/cases.ts'
import { penaltyOf } from '@assay/sdk/protocol/penalties.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { COHORT_SIZE, ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { allowCalls } from '@assay/sdk/verbs/assay-token/allow.ts'
import { accuseScore, accuseScoreCall, readScoreProof } from '@assay/sdk/verbs/court/accuse-score.ts'
import { accuseVote, accuseVoteCall, readVoteProof, subjectText } from '@assay/sdk/verbs/court/accuse-vote.ts'
import { commitAccusationCall } from '@assay/sdk/verbs/court/commit-accusation.ts'
import { accusationSalt } from '@assay/sdk/verbs/court/open-case.ts'
import { type CourtTerms, readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import type { StoreOptions } from '@assay/store/store-location.ts'
import { type Address, zeroHash } from 'viem'
import { BOND_GAS_AT_MOST, requireAccepted } from '../bond.ts'
import { CliError } from '../failure.ts'
import { type SenderOptions, senderOf } from '../options.ts'
import { perform } from '../transaction.ts'

/** What a case about a validator's score or vote is opened with. */
export interface WordOptions extends SenderOptions, StoreOptions {
  round: number
  score?: Address
  vote?: Address
  cohort?: number
  member?: number
  pool?: string
  package?: string
}

/** What is accused: an entry of a sheet, or a vote on a cohort's aggregate or the next model. */
type Word = {
  kind: JuryKind
  taskId: bigint
  round: number
  validator: Address
  cohort: number
  member: number | undefined
  /** Of the facts. */
  subject: number
}

/** Accuses of a false score, or of a vote that the rule doesn't give. */
export async function openWordCase(taskId: bigint, options: WordOptions): Promise<void> {
  const word = wordOf(taskId, options)
  const sender = await senderOf(options)
  await perform<{ caseId: bigint }>(options, async (reader) => {
    const { evidence, put } = await evidenceOf(reader, word, options)
    const salt = accusationSalt()
    const { base, bond, call, send } = await accusationOf(reader, word, { evidence, salt })
    const { assayToken: token, court: spender } = reader.deployment.contracts
    const approval = { token, spender, amount: bond }
    const approvals = sender === undefined ? [] : await allowCalls(reader, { ...approval, owner: sender })
    const said = amountText(bond, ASSAY, 'exact')
    const { validator, round, kind } = word
    const commitments =
      sender === undefined
        ? []
        : [
            commitAccusationCall(reader.deployment, {
              challenger: sender,
              kind,
              taskId,
              round,
              defendant: validator,
              salt,
            }),
          ]
    return {
      title: `Accuse ${validator} of ${accusedText(word)} in round ${round} of task ${taskId}`,
      moves: [{ amount: said, from: 'your wallet', to: 'the court, as your bond' }],
      notes: stakesText(word, base, await readCourtTerms(reader)),
      spends: { token, unit: ASSAY, amount: bond },
      calls: [...approvals, ...commitments, call],
      gasAtMost: BOND_GAS_AT_MOST,
      rehearse: async () => {
        await requireAccepted(reader, call, sender)
        await put()
      },
      send,
      done: ({ caseId }) => ({
        data: { caseId, bond, evidence, ...word },
        text: `Case ${caseId} is open, with your bond of ${said}. ${nextText(caseId, options)}`,
      }),
    }
  })
}

/** @throws CliError for options that don't go together */
function wordOf(taskId: bigint, { round, score, vote, cohort, member, pool }: WordOptions): Word {
  const isScore = score !== undefined
  const validator = score ?? vote!
  if (isScore && (cohort === undefined || member === undefined || pool === undefined))
    throw incomplete(
      '--score needs --cohort, --member and --pool',
      'Say which entry it is, and give the pool.',
    )
  if (!isScore && cohort === undefined && pool === undefined)
    throw incomplete('--vote without --cohort is about the next model, and needs --pool', 'Give one of them.')
  if (!isScore && member !== undefined)
    throw incomplete('--member goes with --score', 'Leave it out: a vote is about a whole cohort.')
  const place = { taskId, round, validator, cohort: cohort ?? ROOT_COHORT }
  if (isScore && member !== undefined)
    return { ...place, member, kind: 'falseScore', subject: COHORT_SIZE * place.cohort + member }
  const kind = cohort === undefined ? 'falseModel' : 'falseAggregate'
  return { ...place, member: undefined, kind, subject: place.cohort }
}

const incomplete = (what: string, fix: string) => new CliError('usage', `${what}.`, fix)

/** Jurors of a case about an aggregate need nothing but what the stores have. */
async function evidenceOf(
  reader: AssayReader,
  { validator, ...place }: Word,
  options: WordOptions,
): Promise<{ evidence: Hash; put: () => Promise<void> }> {
  const { pool } = options
  if (pool === undefined || place.kind === 'falseAggregate')
    return { evidence: zeroHash, put: async () => undefined }
  // Loaded only here: the other verbs start faster without an engine.
  const { readPoolCase } = await import('../case-pool.ts')
  const { charge, put } = await readPoolCase({ ...options, pool }, reader, { ...place, defendant: validator })
  return { evidence: charge.evidence, put }
}

/** A case to open. Amounts in ASSAY wei. */
type Accusation = {
  base: bigint
  bond: bigint
  call: Call
  send: (client: AssayClient) => Promise<Sent<{ caseId: bigint }>>
}

async function accusationOf(
  reader: AssayReader,
  word: Word,
  { evidence, salt }: { evidence: Hash; salt: Hash },
): Promise<Accusation> {
  const { member, ...place } = word
  if (member !== undefined) {
    const entry = { ...place, member }
    const { entry: _, ...proof } = await readScoreProof(reader, entry)
    const parameters = { ...entry, ...proof, evidence }
    const call = accuseScoreCall(reader.deployment, { ...parameters, salt })
    return {
      ...proof,
      call,
      send: (client) => accuseScore(client, parameters),
    }
  }
  const proof = await readVoteProof(reader, place)
  const parameters = { ...place, ...proof, evidence }
  const call = accuseVoteCall(reader.deployment, { ...parameters, salt })
  return {
    ...proof,
    call,
    send: (client) => accuseVote(client, parameters),
  }
}

function accusedText({ member, cohort }: Word): string {
  return member === undefined
    ? `a false vote on ${subjectText(cohort)}`
    : `a false score of member ${member} of cohort ${cohort}`
}

function stakesText({ validator, kind }: Word, base: bigint, terms: CourtTerms): string[] {
  const sums = [penaltyOf(kind, base, 0), seatFee(terms), challengerReward(kind, base, terms)]
  const [costs, pays, reward] = sums.map((wei) => amountText(wei, ASSAY))
  return [
    `If jurors compute what it said, or can't get what they need, you lose the bond: each of them is paid ${pays}, the rest is burnt`,
    `If most of them compute one other value, ${validator} loses ${costs} of stake, more as a repeat, and its pay in the task that isn't mature now`,
    `Then you get the bond back and ${reward}, unless less is left to take; more of a repeat, less after appeals: assay case withdraw`,
  ]
}

function nextText(caseId: bigint, { pool }: WordOptions): string {
  if (pool === undefined) return `See what comes next: assay case show ${caseId}`
  return `Once its jurors are drawn, give them the key to the pool, or you lose the bond: assay case keys ${caseId} --pool ${pool}`
}
