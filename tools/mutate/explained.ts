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
const BONDS = 'contracts/court/Bonds.sol'
const EXECUTION = 'contracts/court/Execution.sol'
const JURORS = 'contracts/court/JurorStakes.sol'
const OFFENCES = 'contracts/court/Offences.sol'
const PENALTIES = 'contracts/libraries/Penalties.sol'
const REWARDS = 'contracts/court/Rewards.sol'
const NO_APPEAL = 'against the last instance nobody has appealed: an appeal of nobody gives nothing back'
const VERDICTS = 'contracts/libraries/Verdicts.sol'
const BOTH_LISTS =
  'it only saves gas: of few seats the half that is left out is zero, and both ways give the same medians'
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
  { file: BONDS, where: '_takeBond', text: 'drawn != 0', instead: 'true', why: SAVES_GAS },
  {
    file: BONDS,
    where: '_takeBond',
    text: 'drawn != amount',
    instead: 'true',
    why: 'it only saves gas: a transfer of nothing moves nothing',
  },
  { file: BONDS, where: '_owe', text: 'amount != 0', instead: 'true', why: SAVES_GAS },
  {
    file: BONDS,
    where: '_burn',
    text: 'amount == 0',
    instead: 'false',
    why: 'it only saves gas: burning nothing burns nothing',
  },
  {
    file: BONDS,
    where: '_fetchRewards',
    text: '_TOKEN.balanceOf(address(this)) < needed',
    instead: '_TOKEN.balanceOf(address(this)) <= needed',
    why: "rewards that are fetched before they are needed are the court's all the same",
  },
  {
    file: EXECUTION,
    where: '_wasAdopted',
    text: '2 * voters > facts.committee >> SEAT_COUNT_OFFSET',
    instead: '2 * voters >= facts.committee >> SEAT_COUNT_OFFSET',
    why: 'committees are odd',
  },
  {
    file: EXECUTION,
    where: '_close',
    text: 'false',
    instead: 'true',
    why: 'only a verdict Guilty has a reward that could be contested',
  },
  { file: EXECUTION, where: '_fixFee', text: 'isCut && fee != 0', instead: 'true', why: SAVES_GAS },
  {
    file: EXECUTION,
    where: '_fixFee',
    text: 'isCut && fee != 0',
    instead: 'isCut || fee != 0',
    why: SAVES_GAS,
  },
  {
    file: EXECUTION,
    where: '_lostBonds',
    text: 'i < case_.instance()',
    instead: 'i <= case_.instance()',
    why: NO_APPEAL,
  },
  {
    file: EXECUTION,
    where: '_returnBonds',
    text: 'i < case_.instance()',
    instead: 'i <= case_.instance()',
    why: NO_APPEAL,
  },
  {
    file: JURORS,
    where: 'joinJury',
    text: 'displaced != address(0)',
    instead: 'true',
    why: 'nobody has reserved anything for the address zero: releasing it changes nothing',
  },
  {
    file: JURORS,
    where: '_slashWrong',
    text: '0',
    instead: 'uint256(0 + 1)',
    why: 'no block is of the first second of 1970, or less than 30 days later',
  },
  {
    file: JURORS,
    where: '_slashSilent',
    text: '0',
    instead: 'uint256(0 + 1)',
    why: 'no block is of the first second of 1970, or less than 30 days later',
  },
  {
    file: OFFENCES,
    where: '_notePunished',
    text: 'rounds == 0',
    instead: 'false',
    why: "it only saves gas: a base of its own stands for each offence instead of the first one's",
  },
  {
    file: OFFENCES,
    where: '_notePunished',
    text: '0',
    instead: 'uint256(0 + 1)',
    occurrence: 0,
    why: 'as above, but for an offence in the first round of a word',
  },
  {
    file: OFFENCES,
    where: '_notePunished',
    text: 'first != base',
    instead: 'true',
    why: 'it only saves gas: the base of the first offence stands for this one, too',
  },
  {
    file: OFFENCES,
    where: '_punishedAround',
    text: 'place >= AROUND',
    instead: 'place > AROUND',
    why: 'of the eighth round of a word both ways give the same',
  },
  {
    file: OFFENCES,
    where: '_punishedAround',
    text: 'AROUND',
    instead: 'uint256(AROUND + 1)',
    occurrence: 0,
    why: 'of the eighth round of a word both ways give the same',
  },
  {
    file: OFFENCES,
    where: '_punishedAround',
    text: 'AROUND',
    instead: 'uint256(AROUND + 1)',
    occurrence: 4,
    why: 'what the next word adds then is eight rounds later and more, which nobody asks for',
  },
  {
    file: PENALTIES,
    where: 'shareOf',
    text: 'FIRST_SHARES',
    instead: 'uint256(FIRST_SHARES + 1)',
    why: 'its lowest bits are of the kind None, which no case is of',
  },
  {
    file: PENALTIES,
    where: 'shareOf',
    text: 'ALWAYS_FIRST',
    instead: 'uint256(ALWAYS_FIRST + 1)',
    why: 'its lowest bit is of the kind None, which no case is of',
  },
  {
    file: REWARDS,
    where: '_giveReward',
    text: 'caseId < held.caseId',
    instead: 'caseId <= held.caseId',
    why: 'of the same case the same is written again',
  },
  {
    file: VERDICTS,
    where: 'turn',
    text: 'sheets.seatCount <= EVEN_SEATS',
    instead: 'false',
    why: BOTH_LISTS,
  },
  {
    file: VERDICTS,
    where: 'turn',
    text: 'sheets.seatCount <= EVEN_SEATS',
    instead: 'sheets.seatCount < EVEN_SEATS',
    why: BOTH_LISTS,
  },
  {
    file: VERDICTS,
    where: 'judge',
    text: 'sheets.seatCount <= EVEN_SEATS',
    instead: 'false',
    why: BOTH_LISTS,
  },
  {
    file: VERDICTS,
    where: 'judge',
    text: 'sheets.seatCount <= EVEN_SEATS',
    instead: 'sheets.seatCount < EVEN_SEATS',
    why: BOTH_LISTS,
  },
  {
    file: VERDICTS,
    where: 'judge',
    text: '_special(qualities) | _missed(windows) != 0',
    instead: 'true',
    why: 'it only saves gas: counted, entries that are all scores have the majority, and all of them agree',
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
