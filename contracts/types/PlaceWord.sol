// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// A place in the next roster: who has it, with which stake.
type PlaceWord is uint256;

using PlaceWordLibrary for PlaceWord global;

/// @title Reads and packs a {PlaceWord}
/// @notice Layout, the lowest bits first; twin: PLACE_WORD in `sdk/protocol/words.ts`.
library PlaceWordLibrary {
    using Bits for uint256;

    uint256 private constant ACCOUNT_OFFSET = 0;
    uint256 private constant ACCOUNT_BITS = 160;
    /// ASSAY wei.
    uint256 private constant STAKE_OFFSET = 160;
    uint256 private constant STAKE_BITS = 96;

    /// @dev Reverts if the stake doesn't fit.
    function pack(address account_, uint256 stake_) internal pure returns (PlaceWord) {
        return
            PlaceWord.wrap((uint256(uint160(account_)) << ACCOUNT_OFFSET) | (stake_.fit(STAKE_BITS) << STAKE_OFFSET));
    }

    function account(PlaceWord self) internal pure returns (address) {
        return address(uint160(PlaceWord.unwrap(self) >> ACCOUNT_OFFSET));
    }

    function stake(PlaceWord self) internal pure returns (uint256) {
        return uint96(PlaceWord.unwrap(self) >> STAKE_OFFSET);
    }
}
