import { buildModule } from '@nomicfoundation/hardhat-ignition/modules'

/**
 * The whole protocol, each contract after those whose addresses it needs. StakeRegistry, Tasks and Accusations learn later addresses
 * by one `connect` each, which only the deployer can call and only once. Court has its Jury created by JuryFactory, which
 * nobody needs afterwards; Accusations creates WindowAccusations. Canaries, Accusations and Court come after `ConnectTasks`, because they ask Tasks for Rounds.
 *
 * Parameters: `tokenHolder` receives the supply of ASSAY, `beaconDelayBlocks` is how many blocks ahead the block of a beacon is fixed,
 * `extensionCodeHash`, `membershipCodeHash` and `casesCodeHash` are the code hashes of RoundsExtension, RoundsMembership and RoundsCases
 * as built from these sources, `courtTerms` and `juryTerms` are those of ICourt and IJury.
 * The others are seconds, and `unbondingSeconds` has to exceed the sum of the limits after it, but for `minPhaseSeconds`.
 */
export default buildModule('Assay', (m) => {
  const assayToken = m.contract('AssayToken', [m.getParameter<string>('tokenHolder')])
  const stakeRegistry = m.contract('StakeRegistry', [assayToken, m.getParameter<bigint>('unbondingSeconds')])
  const beacon = m.contract('BlockHashBeacon', [m.getParameter<bigint>('beaconDelayBlocks')])
  const timing = {
    maxRoundSeconds: m.getParameter<bigint>('maxRoundSeconds'),
    maxChallengeSeconds: m.getParameter<bigint>('maxChallengeSeconds'),
    verdictSeconds: m.getParameter<bigint>('verdictSeconds'),
    executionSeconds: m.getParameter<bigint>('executionSeconds'),
    marginSeconds: m.getParameter<bigint>('marginSeconds'),
    minPhaseSeconds: m.getParameter<bigint>('minPhaseSeconds'),
  }
  const tasks = m.contract('Tasks', [stakeRegistry, timing])
  const roundsExtension = m.contract('RoundsExtension')
  const roundsMembership = m.contract('RoundsMembership')
  const roundsCases = m.contract('RoundsCases')
  const rounds = m.contract('Rounds', [
    tasks,
    stakeRegistry,
    beacon,
    roundsExtension,
    m.getParameter<string>('extensionCodeHash'),
    roundsMembership,
    m.getParameter<string>('membershipCodeHash'),
    roundsCases,
    m.getParameter<string>('casesCodeHash'),
  ])
  const roundsLens = m.contract('RoundsLens', [rounds])

  const connectTasks = m.call(tasks, 'connect', [rounds], { id: 'ConnectTasks' })
  const canaries = m.contract('Canaries', [tasks], { after: [connectTasks] })
  const accusations = m.contract('Accusations', [tasks, canaries])
  const terms = [m.getParameter('courtTerms'), m.getParameter('juryTerms')]
  const juryFactory = m.contract('JuryFactory')
  const courtArguments = [tasks, beacon, accusations, juryFactory, ...terms]
  const court = m.contract('Court', courtArguments, { after: [connectTasks] })
  const jury = m.contractAt('Jury', m.staticCall(court, 'wiring', [], 3))
  const windowAccusations = m.contractAt('WindowAccusations', m.staticCall(accusations, 'windows'))

  m.call(stakeRegistry, 'connect', [tasks, rounds, court], { id: 'ConnectStakeRegistry' })
  m.call(accusations, 'connect', [court], { id: 'ConnectAccusations' })

  const pieces = { roundsExtension, roundsMembership, roundsCases }
  const court_ = { canaries, accusations, windowAccusations, court, jury }
  return { assayToken, stakeRegistry, beacon, tasks, rounds, ...pieces, roundsLens, ...court_ }
})
