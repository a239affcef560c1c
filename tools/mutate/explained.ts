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

const FORMULA = 'contracts/libraries/RewardFormula.sol'
const LANES = 'contracts/libraries/Lanes.sol'
const EXECUTION = 'contracts/court/Execution.sol'
const JURORS = 'contracts/court/JurorStakes.sol'
const OFFENCES = 'contracts/court/Offences.sol'
const PENALTIES = 'contracts/libraries/Penalties.sol'
const REWARDS = 'contracts/court/Rewards.sol'
const NO_APPEAL = 'against the last instance nobody has appealed: an appeal of nobody gives nothing back'
const VERDICTS = 'contracts/libraries/Verdicts.sol'
const BOTH_LISTS =
  'it only saves gas: of few seats the half that is left out is zero, and both ways give the same medians'

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
    text: '256',
    instead: 'uint256(256 + 1)',
    why: 'a word shifted by 256 bits is an empty set',
  },
  {
    file: LANES,
    where: 'lowerMedian',
    text: '(set >> shift) & 1',
    instead: '(set >> shift) | 1',
    why: 'it only saves gas: a number outside the set counts only if it is at least the median, which then replaces it',
  },
  {
    file: LANES,
    where: 'lowerMedian',
    text: 'number >= median',
    instead: 'number > median',
    why: 'a number that is the median already becomes it again',
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
  {
    file: 'contracts/court/Cases.sol',
    where: 'addDefendant',
    text: 'WITH_SEVERAL',
    instead: 'uint256(WITH_SEVERAL + 1)',
    why: 'its lowest bit is of the kind None, which no case is of',
  },
  {
    file: 'contracts/libraries/CourtEvidence.sol',
    where: 'membersOf',
    text: 'seat < count',
    instead: 'seat <= count',
    why: 'what it writes beyond the last seat is replaced at once',
  },
  {
    file: 'contracts/types/CaseWord.sol',
    where: 'opened',
    text: 'uint256(uint168(cut(hash))) << FACTS_OFFSET',
    instead: 'uint256(uint168(cut(hash))) >> FACTS_OFFSET',
    why: 'its offset is zero',
  },
  {
    file: VERDICTS,
    where: 'judge',
    text: 'windows == sheets.assigned',
    instead: 'false',
    why: 'it only saves gas: counted, seats that replayed all their windows have them all, and none is withheld',
  },
  {
    file: VERDICTS,
    where: '_entriesOf',
    text: 'sheets.seatCount <= EVEN_SEATS',
    instead: 'false',
    why: BOTH_LISTS,
  },
  {
    file: VERDICTS,
    where: '_entriesOf',
    text: 'sheets.seatCount <= EVEN_SEATS',
    instead: 'sheets.seatCount < EVEN_SEATS',
    why: BOTH_LISTS,
  },
  {
    file: 'contracts/rounds/Registration.sol',
    where: '_forgetAnnounced',
    text: 'bits.isTaken(i)',
    instead: 'true',
    why: 'it only saves gas: of a place that nobody has zero is written again',
  },
  {
    file: 'contracts/rounds/StorageKeys.sol',
    where: 'score',
    text: 'WORDS_PER_SEAT',
    instead: 'uint256(WORDS_PER_SEAT + 1)',
    why: 'the keys lie further apart then, and everybody takes them from here',
  },
  {
    file: 'contracts/libraries/ScoreWords.sol',
    where: 'firstInvalid',
    text: 'j < 2 * ENTRIES_PER_WORD',
    instead: 'j <= 2 * ENTRIES_PER_WORD',
    why: 'nothing is left of the second word by then',
  },
  {
    file: 'contracts/libraries/Reputation.sol',
    where: 'provenNext',
    text: 'pooled < MAX_PROVEN_WINDOWS',
    instead: 'true',
    why: 'at most six windows join, and of 48 six are forgotten before',
  },
  {
    file: 'contracts/libraries/Reputation.sol',
    where: 'uptimeBps',
    text: 'shareBps <= 9_000',
    instead: 'shareBps < 9_000',
    why: 'at the edge both ways give no bonus',
  },
  {
    file: 'contracts/libraries/Sampling.sol',
    where: 'auditProbabilityBps',
    text: 'BPS - 500 * seen',
    instead: 'BPS + 500 * seen',
    occurrence: 0,
    why: 'below ten rounds it is at least 5,500, and what it is compared with at most 4,500',
  },
  {
    file: 'contracts/rounds/Collecting.sol',
    where: '_tryCollect',
    text: 'GAS_BEFORE_COLLECTING',
    instead: 'uint256(GAS_BEFORE_COLLECTING + 1)',
    why: 'one unit of gas more or less decides nothing: the limit is rounded up',
  },
]
