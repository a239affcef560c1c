import { buildModule } from '@nomicfoundation/hardhat-ignition/modules'
import { zeroAddress } from 'viem'

/**
 * The whole protocol, each contract after those whose addresses it needs. StakeRegistry and Tasks learn later addresses by one
 * `connect` each, which only the deployer can call and only once. This deployment has no court: the registry gets none, for good.
 *
 * Parameters: `tokenHolder` receives the supply of ASSAY, `beaconDelayBlocks` is how many blocks ahead the block of a beacon is fixed,
 * `extensionCodeHash`, `membershipCodeHash` and `casesCodeHash` are the code hashes of RoundsExtension, RoundsMembership and RoundsCases
 * as built from these sources.
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

  m.call(stakeRegistry, 'connect', [tasks, rounds, zeroAddress], { id: 'ConnectStakeRegistry' })
  m.call(tasks, 'connect', [rounds], { id: 'ConnectTasks' })

  const pieces = { roundsExtension, roundsMembership, roundsCases }
  return { assayToken, stakeRegistry, beacon, tasks, rounds, ...pieces, roundsLens }
})
