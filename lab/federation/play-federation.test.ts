import { deriveSeed } from '@assay/sdk/protocol/random.ts'
import { expect } from 'chai'
import { zeroHash } from 'viem'
import { none } from '../attacks/none.ts'
import { ATTACKS } from '../attacks/registry.ts'
import { smallBlobs } from '../fixtures/blobs.ts'
import { ours } from '../rules/ours.ts'
import { type FederationFigures, playFederation } from './play-federation.ts'

const SEED = deriveSeed(zeroHash, 'test of the lab')

/** Small: five contributors, two rounds of twelve steps. */
function play(attack: string): Promise<FederationFigures> {
  return playFederation({
    attack: ATTACKS.find(({ name }) => name === attack) ?? none,
    dataset: smallBlobs,
    rule: ours,
    fraction: 0.2,
    partition: { dirichlet: 0.5 },
    contributors: 5,
    rounds: 2,
    steps: 12,
    windows: 6,
    seed: SEED,
    auditsAll: false,
    findsNearCopies: false,
  })
}

/** What doesn't depend on the machine. */
function bitsOf({ rounds, ...figures }: FederationFigures) {
  const withoutSeconds = (all: object) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !name.endsWith('Seconds')))
  return { ...withoutSeconds(figures), rounds: rounds.map(withoutSeconds) }
}

describe('a federation of the lab', () => {
  let clean: FederationFigures
  let attacked: FederationFigures

  before(async () => {
    clean = await play('none')
    attacked = await play('sign-flip')
  })

  it('pays the honest, and learns', () => {
    expect(clean.pay.map(BigInt).every((pay) => pay > 0n)).to.equal(true)
    expect(clean.rounds.map(({ honest }) => honest)).to.deep.equal([
      { audited: 5, flagged: 0, undecided: 0 },
      { audited: 5, flagged: 0, undecided: 0 },
    ])
    expect(clean.accuracy).to.be.above(clean.rounds[0]!.accuracy)
    expect(clean.attackers).to.deep.equal([])
  })

  it('pays nothing for flipped signs, and gives them no weight', () => {
    const { attackers, pay, rounds } = attacked
    expect(attackers).to.have.length(1)
    expect(pay[attackers[0]!]).to.equal('0')
    for (const round of rounds) {
      expect(round.attackers).to.deep.equal({ audited: 1, flagged: 1, undecided: 0 })
      expect(round.attackerWeightRatio).to.equal(0)
    }
  })

  it('counts the work of all seats, and of contributors', () => {
    for (const { trainingCpuSeconds, overheadCpuSeconds, verificationCpuSeconds } of clean.rounds) {
      expect(trainingCpuSeconds).to.be.above(0)
      expect(overheadCpuSeconds).to.be.above(0)
      expect(verificationCpuSeconds).to.be.above(0)
    }
  })

  it('comes to the same whenever it is played', async () => {
    expect(bitsOf(await play('sign-flip'))).to.deep.equal(bitsOf(attacked))
  })
})
