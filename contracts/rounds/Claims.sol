// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IRoundsAnyone} from "../interfaces/IRoundsAnyone.sol";
import {EarningsWord} from "../types/EarningsWord.sol";
import {PurseWord} from "../types/PurseWord.sol";
import {RoundTermsWord} from "../types/RoundTermsWord.sol";
import {RoundsStorage} from "./RoundsStorage.sol";

/// @title Paying matured earnings
/// @notice Anyone may claim for any account: the account is paid. Only the reward token itself can stop a claim.
abstract contract Claims is RoundsStorage, IRoundsAnyone {
    using SafeERC20 for IERC20;

    /// @inheritdoc IRoundsAnyone
    function claim(uint64 taskId, address account) external returns (uint256 amount) {
        return _claim(taskId, account, account);
    }

    /// @inheritdoc IRoundsAnyone
    function claimTo(uint64 taskId, address to) external returns (uint256 amount) {
        if (to == address(0)) revert Rounds_ZeroRecipient();
        return _claim(taskId, msg.sender, to);
    }

    /// @dev Pays matured earnings from the task's purse. Storage is written before the token is called.
    function _claim(uint64 taskId, address account, address to) private returns (uint256 amount) {
        RoundTermsWord terms = _termsOf(taskId);
        mapping(address account => EarningsWord) storage earnings = _earnings[taskId];
        EarningsWord word = earnings[account].rolled(_epochOf(terms));
        amount = word.claimable();
        if (amount == 0) {
            uint256 nextMaturesAt = word.nextMaturity(terms.epochSeconds(), block.timestamp);
            revert Rounds_NothingMatured(taskId, account, nextMaturesAt);
        }

        PurseWord purse = _purses[taskId];
        if (amount > purse.amount()) revert Rounds_NotCollected(taskId, amount, purse.amount());

        earnings[account] = word.claimed();
        _purses[taskId] = purse.minus(amount);

        IERC20(purse.token()).safeTransfer(to, amount);

        emit Claimed(taskId, account, to, amount);
    }
}
