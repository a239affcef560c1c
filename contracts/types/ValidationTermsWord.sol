// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITasks} from "../interfaces/ITasks.sol";

/// The terms of a task that validators' pay and weights depend on, and its number of rounds.
type ValidationTermsWord is uint256;

using ValidationTermsWordLibrary for ValidationTermsWord global;

/// @title Reads and packs a {ValidationTermsWord}
/// @notice Layout, the lowest bits first; twin: VALIDATION_TERMS_WORD in `sdk/protocol/words.ts`.
library ValidationTermsWordLibrary {
    /// Reward wei per accurate entry.
    uint256 private constant PRICE_VALIDATION_OFFSET = 0;
    uint256 private constant PRICE_VALIDATION_BITS = 96;
    /// ASSAY wei.
    uint256 private constant MIN_VALIDATOR_STAKE_OFFSET = 96;
    uint256 private constant MIN_VALIDATOR_STAKE_BITS = 96;
    uint256 private constant MAX_ROUNDS_OFFSET = 192;
    uint256 private constant MAX_ROUNDS_BITS = 32;

    /// @dev Packs the terms. Each parameter's type is as wide as its field.
    function pack(ITasks.TaskParams calldata params) internal pure returns (ValidationTermsWord) {
        return
            ValidationTermsWord.wrap(
                (uint256(params.priceValidation) << PRICE_VALIDATION_OFFSET) |
                    (uint256(params.minValidatorStake) << MIN_VALIDATOR_STAKE_OFFSET) |
                    (uint256(params.maxRounds) << MAX_ROUNDS_OFFSET)
            );
    }

    function priceValidation(ValidationTermsWord self) internal pure returns (uint256) {
        return uint96(ValidationTermsWord.unwrap(self) >> PRICE_VALIDATION_OFFSET);
    }

    function minValidatorStake(ValidationTermsWord self) internal pure returns (uint256) {
        return uint96(ValidationTermsWord.unwrap(self) >> MIN_VALIDATOR_STAKE_OFFSET);
    }

    function maxRounds(ValidationTermsWord self) internal pure returns (uint256) {
        return uint32(ValidationTermsWord.unwrap(self) >> MAX_ROUNDS_OFFSET);
    }
}
