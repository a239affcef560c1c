/** A round with full pages and committees, and what proves it: made by the sdk alone. */
import { stateProof, stateRoot } from '@assay/engine/package/state.ts'
import { rootSeats } from '@assay/sdk/protocol/cohorts.ts'
import {
  type CommitmentPlace,
  pageDigest,
  scoreCommitment,
  submissionCommitment,
} from '@assay/sdk/protocol/commitments.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import {
  modelVote,
  openingRecord,
  rosterDigest,
  settledRecord,
  votedWord,
  votesHash,
} from '@assay/sdk/protocol/round-record.ts'
import { packWord, WEIGHTS_WORD } from '@assay/sdk/protocol/words.ts'
import { keccak256, numberToHex, pad, toHex } from 'viem'

type Terms = { base: Hash; beacon: Hash; seats: number; results: Hash; model: Hash }

const hash = (text: string): Hash => keccak256(toHex(text))
const account = (index: number) => pad(numberToHex(0xc0000 + index), { size: 20 })
const COHORTS = [0, 1, 2, 3, 4, 5, 6, 7]

/** All that 32 contributors committed to, and what two of the root's seats said. */
export function evidenceOf(place: CommitmentPlace, terms: Terms) {
  return { ...submissionsOf(place, terms), ...statementsOf(place, terms) }
}

function submissionsOf(place: CommitmentPlace, { base }: Terms) {
  const contributors = Array.from({ length: 32 }, (_, i) => account(i))
  const states = Array.from({ length: 11 }, (_, i) => hash(`state ${i}`))
  const fields = {
    baseModelHash: base,
    updateHash: hash('update'),
    stateRoot: stateRoot(states),
    steps: 40,
    dataRoot: hash('data'),
    salt: hash('salt'),
  }
  const submissions = contributors.map((contributor) => ({
    contributor,
    commitment: submissionCommitment({ ...place, contributor, ...fields }),
  }))
  return {
    contributors,
    fields,
    digest: pageDigest(submissions),
    page: { index: 1, contributors, commitments: submissions.map(({ commitment }) => commitment) },
    step: {
      window: 3,
      before: states[3],
      afterwards: states[4],
      proofBefore: stateProof(states, 3),
      proofAfterwards: stateProof(states, 4),
    },
  }
}

function statementsOf(place: CommitmentPlace, { base, beacon, seats, results, model }: Terms) {
  const weights = Array.from({ length: 64 }, (_, i) => 256 + i)
  const validators = Array.from({ length: 64 }, (_, i) => account(100 + i))
  const [seat, otherSeat] = rootSeats({ beacon, weights, committeeSize: seats }) as [number, number]
  const [voter, otherVoter] = [validators[seat]!, validators[otherSeat]!]
  const roster = rosterDigest(weights, validators)
  const opening = { round: place.round, baseModelHash: base, previousBeacon: beacon, roster }
  const words = COHORTS.flatMap(() => [5_000n, 0n])
  const sheets = { attempt: 0 as const, cohorts: COHORTS, words, salt: hash('salt') }
  const vote = modelVote(model)
  const lanes = [0, 16, 32, 48].map((i) =>
    packWord(WEIGHTS_WORD, { weights: weights.slice(i, i + 16).map(BigInt) }),
  )
  return {
    chain: COHORTS.reduce((chain, cohort) => settledRecord(chain, cohort, results), openingRecord(opening)),
    words: [voter, otherVoter].map((validator) => {
      const digest = BigInt.asUintN(224, BigInt(scoreCommitment({ ...place, validator, ...sheets })))
      const word = numberToHex((BigInt(place.round) << 224n) | digest, { size: 32 })
      return { validator, word: votedWord(word, place.round, vote) }
    }),
    statement: { ...sheets, hasSheets: true, voteHashes: [votesHash(vote)] },
    vote: { ...vote, call: 0, index: 0 },
    voter,
    otherVoter,
    record: {
      baseModelHash: base,
      previousBeacon: beacon,
      weights: lanes,
      validators,
      cohorts: COHORTS,
      resultsHashes: COHORTS.map(() => results),
    },
  }
}
