/** A mutant that no test can fail, and why. */
export interface Explained {
  file: string
  where: string
  text: string
  instead: string
  /** Its place among the same ones of the function, from 0; all of them if it isn't given. */
  occurrence?: number
  why: string
}

const REGISTRY = 'contracts/StakeRegistry.sol'
const FORMULA = 'contracts/libraries/RewardFormula.sol'
const LANES = 'contracts/libraries/Lanes.sol'
const SAVES_GAS = 'it only saves gas: without it zero is added, or the same is written again'

export const EXPLAINED: Explained[] = [
  {
    file: FORMULA,
    where: '_ceilDiv',
    text: '1',
    instead: 'uint256(1 + 1)',
    occurrence: 0,
    why: 'both sums and what they are divided by are multiples of 1,000: no sum is one more than a multiple of it',
  },
  {
    file: LANES,
    where: '_sorted',
    text: 'pass < count',
    instead: 'pass <= count',
    why: 'sorted lanes stay as they are',
  },
  {
    file: LANES,
    where: 'lowerMedian',
    text: 'shift < 256',
    instead: 'shift <= 256',
    why: 'a word shifted by 256 bits is an empty set',
  },
  {
    file: LANES,
    where: 'lowerMedian',
    text: 'number >= median',
    instead: 'number > median',
    why: 'a number that is the median already becomes it again',
  },
  { file: REGISTRY, where: 'reserve', text: 'fee != 0', instead: 'true', occurrence: 0, why: SAVES_GAS },
  { file: REGISTRY, where: 'slash', text: 'reward != 0', instead: 'true', why: SAVES_GAS },
  { file: REGISTRY, where: 'slash', text: 'taken != 0', instead: 'true', why: SAVES_GAS },
  { file: REGISTRY, where: '_take', text: 'taken == 0', instead: 'false', why: SAVES_GAS },
  { file: REGISTRY, where: '_take', text: 'fromActive != 0', instead: 'true', why: SAVES_GAS },
  {
    file: REGISTRY,
    where: '_shrinkReservation',
    text: 'fromActive <= free',
    instead: 'fromActive < free',
    why: 'if both are equal the reservation shrinks by zero',
  },
  { file: REGISTRY, where: '_shrinkReservation', text: 'shrinkage == 0', instead: 'false', why: SAVES_GAS },
]
