// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// What a round records at its start and needs only when submissions or the round end.
type RoundStartWord is uint256;

using RoundStartWordLibrary for RoundStartWord global;

/// @title Reads and writes a {RoundStartWord}
/// @notice Layout, the lowest bits first; twin: ROUND_START_WORD in `sdk/protocol/words.ts`.
library RoundStartWordLibrary {
    using Bits for uint256;

    /// Reward wei reserved for the round.
    uint256 private constant RESERVE_OFFSET = 0;
    uint256 private constant RESERVE_BITS = 80;
    /// Block in which the round opened.
    uint256 private constant OPENED_BLOCK_OFFSET = 80;
    uint256 private constant OPENED_BLOCK_BITS = 48;
    /// Identifier of the value requested from the beacon, 0 before submissions are closed.
    uint256 private constant BEACON_ID_OFFSET = 128;
    uint256 private constant BEACON_ID_BITS = 64;
    /// Contributors enrolled when the round opened.
    uint256 private constant ENROLLED_OFFSET = 192;
    uint256 private constant ENROLLED_BITS = 24;
    /// Sum of their reputations then, in bps.
    uint256 private constant REPUTATION_SUM_OFFSET = 216;
    uint256 private constant REPUTATION_SUM_BITS = 40;

    /// @dev The word of a round that opens now. Reverts if the reserve doesn't fit. At one block a second, 48 bits of a
    /// block number last 8 million years. The last two fields are as wide as those of {TaskTotalsWord}.
    function pack(
        uint256 reserve_,
        uint256 openedBlock_,
        uint256 enrolled_,
        uint256 reputationSum_
    ) internal pure returns (RoundStartWord) {
        return
            RoundStartWord.wrap(
                (reserve_.fit(RESERVE_BITS) << RESERVE_OFFSET) |
                    (openedBlock_ << OPENED_BLOCK_OFFSET) |
                    (enrolled_ << ENROLLED_OFFSET) |
                    (reputationSum_ << REPUTATION_SUM_OFFSET)
            );
    }

    function reserve(RoundStartWord self) internal pure returns (uint256) {
        return uint80(RoundStartWord.unwrap(self) >> RESERVE_OFFSET);
    }

    function openedBlock(RoundStartWord self) internal pure returns (uint256) {
        return uint48(RoundStartWord.unwrap(self) >> OPENED_BLOCK_OFFSET);
    }

    function beaconId(RoundStartWord self) internal pure returns (uint64) {
        return uint64(RoundStartWord.unwrap(self) >> BEACON_ID_OFFSET);
    }

    function enrolled(RoundStartWord self) internal pure returns (uint256) {
        return uint24(RoundStartWord.unwrap(self) >> ENROLLED_OFFSET);
    }

    function reputationSum(RoundStartWord self) internal pure returns (uint256) {
        return uint40(RoundStartWord.unwrap(self) >> REPUTATION_SUM_OFFSET);
    }

    function withBeaconId(RoundStartWord self, uint64 beaconId_) internal pure returns (RoundStartWord) {
        return RoundStartWord.wrap(RoundStartWord.unwrap(self).put(BEACON_ID_OFFSET, BEACON_ID_BITS, beaconId_));
    }
}
