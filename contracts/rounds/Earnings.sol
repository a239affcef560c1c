// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IRoundsWork} from "../interfaces/IRounds.sol";
import {AggregateVotes} from "./AggregateVotes.sol";
import {EarningsWord} from "./PeopleWords.sol";
import {PurseWord, TimingWord} from "./TaskWords.sol";

/// @title Claiming what has matured
/// @notice Anyone may claim for anyone: the account is paid. Nothing can stop a claim but the reward token itself.
abstract contract Earnings is AggregateVotes {
    using SafeERC20 for IERC20;

    /// Gas that one of many claims may burn: several times what an honest token needs, so that a hostile one can't starve the others.
    uint256 private constant CLAIM_GAS = 200_000;

    /// @inheritdoc IRoundsWork
    function claim(uint64 taskId, address account) external returns (uint256 amount) {
        return _claim(taskId, account, account);
    }

    /// @inheritdoc IRoundsWork
    function claimTo(uint64 taskId, address to) external returns (uint256 amount) {
        if (to == address(0)) revert Rounds_ZeroRecipient();
        return _claim(taskId, msg.sender, to);
    }

    /// @inheritdoc IRoundsWork
    function claimMany(ClaimRequest[] calldata requests) external returns (uint256 claimed) {
        for (uint256 i = 0; i < requests.length; ++i) {
            uint64 taskId = requests[i].taskId;
            address account = requests[i].account;
            if (_tryClaim(taskId, account)) ++claimed;
            else emit ClaimSkipped(taskId, account);
        }
    }

    /// @dev Claims in a call of its own, with bounded gas. What it returns is never copied: a token's answer can be long.
    function _tryClaim(uint64 taskId, address account) private returns (bool isPaid) {
        bytes memory data = abi.encodeCall(IRoundsWork.claim, (taskId, account));
        uint256 gasLimit = CLAIM_GAS;
        assembly ("memory-safe") {
            isPaid := call(gasLimit, address(), 0, add(data, 0x20), mload(data), 0, 0)
        }
    }

    /// @dev Pays what has matured from the task's purse; the words are written before the token has the floor.
    function _claim(uint64 taskId, address account, address to) private returns (uint256 amount) {
        TimingWord timing = _timingOf(taskId);
        mapping(address account => EarningsWord) storage earnings = _earnings[taskId];
        EarningsWord word = earnings[account].rolled(_epochOf(timing));
        amount = word.claimable();
        if (amount == 0) revert Rounds_NothingMatured(taskId, account, _nextMaturity(timing, word));

        PurseWord purse = _purses[taskId];
        if (amount > purse.amount()) revert Rounds_NotCollected(taskId, amount, purse.amount());

        earnings[account] = word.claimed();
        _purses[taskId] = purse.minus(amount);

        IERC20(purse.token()).safeTransfer(to, amount);

        emit Claimed(taskId, account, to, amount);
    }
}
