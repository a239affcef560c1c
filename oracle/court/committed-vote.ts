import type { Block } from '@assay/daemon/clock.ts'
import {
  CANNOT_EXECUTE,
  EVIDENCE_MISSING,
  type JuryVote,
  juryVoteCommitment,
} from '@assay/sdk/protocol/jury-votes.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import type { CourtCase } from '@assay/sdk/verbs/court/read-cases.ts'
import { readJuryCommitment } from '@assay/sdk/verbs/court/read-jury-commitment.ts'
import { encodeAbiParameters, keccak256, parseAbiParameters, zeroHash } from 'viem'
import type { OracleContext } from '../oracle-context.ts'
import { type QuestionPlace, restoreJuryVote } from '../sign-once.ts'
import type { PanelCase } from './jury-work.ts'

const QUESTION = parseAbiParameters('uint256, bytes32, bytes32, bytes32, address, uint32, uint32')
/** Votes that take no computing. */
const WITHOUT_VALUE = [EVIDENCE_MISSING, CANNOT_EXECUTE]

/** Where a vote belongs: one panel, and the one question that it has. */
export function positionOf({ caseId, facts }: CourtCase, panelId: bigint): QuestionPlace {
  const { accused, context, evidence, defendant, round, subject } = facts
  const words = [caseId, accused, context, evidence, defendant, round, subject] as const
  return { panelId, question: keccak256(encodeAbiParameters(QUESTION, words)) }
}

/** The salt of this juror's vote about a case in its last panel. It follows from the key, so no disk can lose it. */
export function saltOf({ reader, keys }: OracleContext, one: PanelCase): Hash {
  const { chainId, contracts } = reader.deployment
  return keys.juryVoteSalt({ chainId, jury: contracts.jury, ...positionOf(one, one.state.panel.id) })
}

/** What this juror commits to in a panel. */
export function digestOf({ reader, account }: OracleContext, panelId: bigint, vote: JuryVote): Hash {
  const { chainId, contracts } = reader.deployment
  return juryVoteCommitment({ chainId, jury: contracts.jury, panelId, juror: account.address }, vote)
}

type Revealing = {
  /** The vote on record, if there is one. */
  kept: JuryVote | undefined
  block: Block
  /** This juror's vote computed now; undefined while it can't be told. */
  compute: () => Promise<JuryVote | undefined>
}

/**
 * The vote about this case that this account has committed to in its last panel: the one on record, or, if the database that held it
 * was lost, the same computed again. The digest on chain tells whether it is the same. After a reorganisation the commitment may
 * stand in a panel that has another case now: the salt binds the vote to the facts, so nothing is found, and nothing said of another
 * case.
 */
export async function committedVote(
  context: OracleContext,
  one: PanelCase,
  { kept, block, compute }: Revealing,
): Promise<JuryVote | undefined> {
  const { panel } = one.state
  const committed = await ownCommitment(context, one, block)
  if (committed === undefined) return undefined
  const isIt = (vote: JuryVote) => digestOf(context, panel.id, vote) === committed
  if (kept !== undefined && isIt(kept)) return kept
  const salt = saltOf(context, one)
  const simple = WITHOUT_VALUE.map((result) => ({ result, witness: zeroHash, salt })).find(isIt)
  const vote = simple ?? (await compute())
  if (vote === undefined) return undefined
  const about = { case: Number(one.caseId), panel: Number(panel.id) }
  if (isIt(vote)) {
    context.log.info(about, 'the vote committed to as juror was not on record: it is computed again')
    return restoreJuryVote(context.db, positionOf(one, panel.id), vote)
  }
  if (context.told.isNews(`lost vote ${panel.id}`, committed))
    context.log.error(
      about,
      'this account committed to a vote that is not on record, and computed again it is another one: the case has changed in a reorganisation, the stores show something else now, or another program with this key committed to it. It is not revealed',
    )
  return undefined
}

/** What this account committed to in a case's last panel, asked once. */
async function ownCommitment(
  { reader, account, docket }: OracleContext,
  { openedBlock, state: { panel } }: PanelCase,
  { number: blockNumber }: Block,
): Promise<Hash | undefined> {
  const known = docket.commitments.get(panel.id)
  if (known?.drawnAt === panel.drawnAt) return known.digest
  const of = { panelId: panel.id, juror: account.address, fromBlock: openedBlock, blockNumber }
  const digest = await readJuryCommitment(reader, of)
  if (digest !== undefined) docket.commitments.set(panel.id, { drawnAt: panel.drawnAt, digest })
  return digest
}
