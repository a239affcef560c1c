// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Weights of the frozen roster, sixteen a word
/// @notice Lane i % 16 of word i / 16 is the weight of roster index i, at most 1,024: the form that
/// {Sampling.drawCommittee} takes. Twin: WEIGHTS_WORD in `sdk/protocol/words.ts`.
library WeightLanes {
    /// Weights in a word.
    uint256 private constant WEIGHTS_COUNT = 16;
    uint256 private constant WEIGHTS_OFFSET = 0;
    uint256 private constant WEIGHTS_BITS = 16;

    /// @dev The weight of a roster index.
    function weightAt(uint256[4] memory lanes, uint256 index) internal pure returns (uint16) {
        return uint16(lanes[index / WEIGHTS_COUNT] >> _shiftOf(index));
    }

    /// @dev Writes the weight of a roster index.
    function setWeight(uint256[4] memory lanes, uint256 index, uint256 weight) internal pure {
        uint256 shift = _shiftOf(index);
        uint256 word = index / WEIGHTS_COUNT;
        lanes[word] = (lanes[word] & ~(uint256(type(uint16).max) << shift)) | (uint256(uint16(weight)) << shift);
    }

    function _shiftOf(uint256 index) private pure returns (uint256) {
        // At most 240.
        unchecked {
            return WEIGHTS_OFFSET + WEIGHTS_BITS * (index % WEIGHTS_COUNT);
        }
    }
}
