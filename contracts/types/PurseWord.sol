// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// The purse that claims of a task are paid from.
type PurseWord is uint256;

using PurseWordLibrary for PurseWord global;

/// @title Reads and writes a {PurseWord}
/// @notice Layout, the lowest bits first; twin: PURSE_WORD in `sdk/protocol/words.ts`.
library PurseWordLibrary {
    using Bits for uint256;

    /// The reward token.
    uint256 private constant TOKEN_OFFSET = 0;
    uint256 private constant TOKEN_BITS = 160;
    /// Reward wei collected from the escrow and not claimed yet.
    uint256 private constant AMOUNT_OFFSET = 160;
    uint256 private constant AMOUNT_BITS = 80;

    /// @dev The purse of a new task.
    function empty(address token_) internal pure returns (PurseWord) {
        return PurseWord.wrap(uint256(uint160(token_)) << TOKEN_OFFSET);
    }

    function token(PurseWord self) internal pure returns (address) {
        return address(uint160(PurseWord.unwrap(self) >> TOKEN_OFFSET));
    }

    function amount(PurseWord self) internal pure returns (uint256) {
        return uint80(PurseWord.unwrap(self) >> AMOUNT_OFFSET);
    }

    /// @dev Reverts if the sum doesn't fit; it always does, because all funding of a task is below 2⁸⁰ wei.
    function plus(PurseWord self, uint256 wei_) internal pure returns (PurseWord) {
        return _with(self, (amount(self) + wei_).fit(AMOUNT_BITS));
    }

    /// @dev Reverts if `wei_` exceeds the amount in the purse.
    function minus(PurseWord self, uint256 wei_) internal pure returns (PurseWord) {
        return _with(self, amount(self) - wei_);
    }

    /// @dev The purse with another amount, which must fit.
    function _with(PurseWord self, uint256 amount_) private pure returns (PurseWord) {
        return PurseWord.wrap(PurseWord.unwrap(self).put(AMOUNT_OFFSET, AMOUNT_BITS, amount_));
    }
}
