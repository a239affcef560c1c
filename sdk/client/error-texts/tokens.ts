import { plainText } from '../plain-text.ts'
import { type ErrorText, REPORT, text, time, tokens, tokensRounded } from './text.ts'

/** Errors of the tokens, and of OpenZeppelin's contracts that ours are built with. */
export const TOKENS_TEXTS: Record<string, ErrorText> = {
  ERC20InsufficientBalance: text((v, unit) => {
    const [balance, needed] = tokens(unit, v.balance, v.needed)
    return `${v.sender} has ${balance} of the token, ${needed} are needed.`
  }, 'Get more of the token, or use a smaller amount.'),
  ERC20InsufficientAllowance: text(
    (v, unit) => {
      const [allowance, needed] = tokens(unit, v.allowance, v.needed)
      return `${v.spender} may take ${allowance} of the token, ${needed} are needed.`
    },
    (v, unit) => `Approve ${v.spender} for ${tokensRounded(unit, v.needed, 'up')} first.`,
  ),
  ERC20InvalidApprover: text((v) => `${v.approver} can't approve.`, 'Sign with an account of your own.'),
  ERC20InvalidReceiver: text((v) => `${v.receiver} can't receive the token.`, 'Name another receiver.'),
  ERC20InvalidSender: text((v) => `${v.sender} can't send the token.`, 'Name another sender.'),
  ERC20InvalidSpender: text((v) => `${v.spender} can't spend the token.`, 'Name another spender.'),
  ERC20ExceededSafeSupply: text(
    (v) => `A supply of ${v.increasedSupply} wei is above the cap of ${v.cap}.`,
    REPORT,
  ),
  ERC2612ExpiredSignature: text((v) => `The permit ended at ${time(v.deadline)}.`, 'Sign a new permit.'),
  ERC2612InvalidSigner: text(
    (v) => `The permit was signed by ${v.signer}, not by ${v.owner}.`,
    'Sign it with the account that holds the tokens, for the right chain and amount.',
  ),
  ERC5805FutureLookup: text(
    (v) => `Votes at ${v.timepoint} are asked for, it is ${v.clock} now.`,
    'Ask for a time in the past.',
  ),
  InvalidAccountNonce: text(
    (v) => `${v.account} has signed with another nonce than ${v.currentNonce}.`,
    'Sign again with the current nonce.',
  ),
  VotesExpiredSignature: text((v) => `The delegation ended at ${time(v.expiry)}.`, 'Sign a new one.'),
  CheckpointUnorderedInsertion: text(() => 'Votes were recorded out of order.', REPORT),
  ECDSAInvalidSignature: text(() => 'The signature is malformed.', 'Sign again.'),
  ECDSAInvalidSignatureLength: text(
    (v) => `The signature has ${v.length} bytes, 65 are needed.`,
    'Give it as r, s and v.',
  ),
  ECDSAInvalidSignatureS: text(() => 'The signature is in its malleable form.', 'Sign again.'),
  InvalidShortString: text(() => 'A stored string is malformed.', REPORT),
  StringTooLong: text(
    (v) => `The text "${plainText(`${v.str}`)}" is longer than 31 bytes.`,
    'Use a shorter one.',
  ),
  ReentrancyGuardReentrantCall: text(
    () => 'A token called back into the contract.',
    'Use a reward token without callbacks.',
  ),
  SafeCastOverflowedUintDowncast: text(
    (v) => `${v.value} does not fit into ${v.bits} bits.`,
    'Give a smaller number.',
  ),
  SafeERC20FailedOperation: text(
    (v) => `The token ${v.token} refused the transfer.`,
    'Check balance and allowance, and that the token is not paused and lets these accounts trade.',
  ),
}
