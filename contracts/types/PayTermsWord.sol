// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITasks} from "../interfaces/ITasks.sol";

/// The terms of a task that contributors' pay depends on. Prices are in reward wei per unit.
type PayTermsWord is uint256;

using PayTermsWordLibrary for PayTermsWord global;

/// @title Reads and packs a {PayTermsWord}
/// @notice Layout, the lowest bits first; twin: PAY_TERMS_WORD in `sdk/protocol/words.ts`.
library PayTermsWordLibrary {
    uint256 private constant PRICE_COMPUTE_OFFSET = 0;
    uint256 private constant PRICE_COMPUTE_BITS = 96;
    uint256 private constant PRICE_DATA_OFFSET = 96;
    uint256 private constant PRICE_DATA_BITS = 96;
    uint256 private constant COMPUTE_UNITS_OFFSET = 192;
    uint256 private constant COMPUTE_UNITS_BITS = 32;
    uint256 private constant EARLY_BONUS_BPS_OFFSET = 224;
    uint256 private constant EARLY_BONUS_BPS_BITS = 16;
    uint256 private constant EARLY_BONUS_ROUNDS_OFFSET = 240;
    uint256 private constant EARLY_BONUS_ROUNDS_BITS = 16;

    /// @dev Packs the terms. Each parameter's type is as wide as its field.
    function pack(ITasks.TaskParams calldata params) internal pure returns (PayTermsWord) {
        return
            PayTermsWord.wrap(
                (uint256(params.priceCompute) << PRICE_COMPUTE_OFFSET) |
                    (uint256(params.priceData) << PRICE_DATA_OFFSET) |
                    (uint256(params.computeUnitsPerRound) << COMPUTE_UNITS_OFFSET) |
                    (uint256(params.earlyBonusBps) << EARLY_BONUS_BPS_OFFSET) |
                    (uint256(params.earlyBonusRounds) << EARLY_BONUS_ROUNDS_OFFSET)
            );
    }

    function priceCompute(PayTermsWord self) internal pure returns (uint96) {
        return uint96(PayTermsWord.unwrap(self) >> PRICE_COMPUTE_OFFSET);
    }

    function priceData(PayTermsWord self) internal pure returns (uint96) {
        return uint96(PayTermsWord.unwrap(self) >> PRICE_DATA_OFFSET);
    }

    function computeUnits(PayTermsWord self) internal pure returns (uint32) {
        return uint32(PayTermsWord.unwrap(self) >> COMPUTE_UNITS_OFFSET);
    }

    function earlyBonusBps(PayTermsWord self) internal pure returns (uint256) {
        return uint16(PayTermsWord.unwrap(self) >> EARLY_BONUS_BPS_OFFSET);
    }

    function earlyBonusRounds(PayTermsWord self) internal pure returns (uint256) {
        return uint16(PayTermsWord.unwrap(self) >> EARLY_BONUS_ROUNDS_OFFSET);
    }
}
