// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bits} from "./Bits.sol";

/// The result of one update in the event `CohortSettled`.
type ResultWord is uint256;

using ResultWordLibrary for ResultWord global;

/// @title Packs a {ResultWord}
/// @notice Layout, the lowest bits first; twin: RESULT_WORD in `sdk/protocol/words.ts`.
library ResultWordLibrary {
    uint256 private constant OUTCOME_OFFSET = 0;
    uint256 private constant OUTCOME_BITS = 8;
    /// Proven windows of the contributor after the update; so is its reputation, in bps.
    uint256 private constant PROVEN_WINDOWS_OFFSET = 8;
    uint256 private constant PROVEN_WINDOWS_BITS = 8;
    uint256 private constant REPUTATION_OFFSET = 16;
    uint256 private constant REPUTATION_BITS = 16;
    /// Quality of the update in bps; so is its rarity.
    uint256 private constant QUALITY_OFFSET = 32;
    uint256 private constant QUALITY_BITS = 16;
    uint256 private constant RARITY_OFFSET = 48;
    uint256 private constant RARITY_BITS = 16;
    /// Pay for compute in reward wei; so is the pay for data.
    uint256 private constant COMPUTE_PAY_OFFSET = 64;
    uint256 private constant COMPUTE_PAY_BITS = 80;
    uint256 private constant DATA_PAY_OFFSET = 144;
    uint256 private constant DATA_PAY_BITS = 80;

    /// @dev The contributor's record after the update. `outcome` is one of four, at most 48 windows are proven, and a
    /// reputation is at most 15,000 bps.
    function ofRecord(uint256 outcome, uint256 provenWindows, uint256 reputation) internal pure returns (ResultWord) {
        return
            ResultWord.wrap(
                (outcome << OUTCOME_OFFSET) |
                    (provenWindows << PROVEN_WINDOWS_OFFSET) |
                    (reputation << REPUTATION_OFFSET)
            );
    }

    /// @dev The word with the update's scores, at most 10,000 and 20,000 bps, and its pay. Reverts if one of the two
    /// amounts doesn't fit.
    function withUpdate(
        ResultWord self,
        uint256 quality,
        uint256 rarity,
        uint256 computePay,
        uint256 dataPay
    ) internal pure returns (ResultWord) {
        // Both fields have the same width: if any amount doesn't fit, the larger one doesn't.
        if ((computePay | dataPay) >> COMPUTE_PAY_BITS != 0) {
            Bits.refuse(computePay > dataPay ? computePay : dataPay, COMPUTE_PAY_BITS);
        }
        uint256 scores = (quality << QUALITY_OFFSET) | (rarity << RARITY_OFFSET);
        uint256 pay = (computePay << COMPUTE_PAY_OFFSET) | (dataPay << DATA_PAY_OFFSET);
        return ResultWord.wrap(ResultWord.unwrap(self) | scores | pay);
    }

    /// @dev What the update is paid, credited or held: reward wei.
    function totalPay(ResultWord self) internal pure returns (uint256) {
        uint256 word = ResultWord.unwrap(self);
        return uint80(word >> COMPUTE_PAY_OFFSET) + uint256(uint80(word >> DATA_PAY_OFFSET));
    }
}
