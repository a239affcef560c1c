import { parseAbi } from 'viem'
import { bitsAbi } from '../generated/Bits.ts'
import { iAccusationsAbi } from '../generated/IAccusations.ts'
import { iCanariesAbi } from '../generated/ICanaries.ts'
import { iCourtAbi } from '../generated/ICourt.ts'
import { iJuryAbi } from '../generated/IJury.ts'
import { iRoundsAbi } from '../generated/IRounds.ts'
import { iStakeRegistryAbi } from '../generated/IStakeRegistry.ts'
import { iStatementAccusationsAbi } from '../generated/IStatementAccusations.ts'
import { iTasksAbi } from '../generated/ITasks.ts'
import { iWindowAccusationsAbi } from '../generated/IWindowAccusations.ts'
import { rewardFormulaAbi } from '../generated/RewardFormula.ts'
import { samplingAbi } from '../generated/Sampling.ts'

/** Errors of the libraries that the contracts are built with, and of the beacon. */
const builtWithAbi = parseAbi([
  'error BlockHashBeacon_DelayOutOfBounds(uint256 delayBlocks, uint256 minimum, uint256 maximum)',
  'error CheckpointUnorderedInsertion()',
  'error ECDSAInvalidSignature()',
  'error ECDSAInvalidSignatureLength(uint256 length)',
  'error ECDSAInvalidSignatureS(bytes32 s)',
  'error ERC20ExceededSafeSupply(uint256 increasedSupply, uint256 cap)',
  'error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)',
  'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  'error ERC20InvalidApprover(address approver)',
  'error ERC20InvalidReceiver(address receiver)',
  'error ERC20InvalidSender(address sender)',
  'error ERC20InvalidSpender(address spender)',
  'error ERC2612ExpiredSignature(uint256 deadline)',
  'error ERC2612InvalidSigner(address signer, address owner)',
  'error ERC5805FutureLookup(uint256 timepoint, uint48 clock)',
  'error InvalidAccountNonce(address account, uint256 currentNonce)',
  'error InvalidShortString()',
  'error ReentrancyGuardReentrantCall()',
  'error SafeCastOverflowedUintDowncast(uint8 bits, uint256 value)',
  'error SafeERC20FailedOperation(address token)',
  'error StringTooLong(string str)',
  'error VotesExpiredSignature(uint256 expiry)',
])

/** Every custom error that a call of the protocol can end with. */
export const errorsAbi = [
  ...iRoundsAbi,
  ...iTasksAbi,
  ...iStakeRegistryAbi,
  ...iAccusationsAbi,
  ...iStatementAccusationsAbi,
  ...iWindowAccusationsAbi,
  ...iCanariesAbi,
  ...iCourtAbi,
  ...iJuryAbi,
  ...samplingAbi,
  ...bitsAbi,
  ...rewardFormulaAbi,
  ...builtWithAbi,
].filter((item) => item.type === 'error')
