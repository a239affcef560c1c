// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StakeRegistry} from "../../contracts/StakeRegistry.sol";
import {IAssayToken} from "../../contracts/interfaces/IAssayToken.sol";

abstract contract AnyRegistry is StakeRegistry(IAssayToken(address(1)), 60) {
    uint96 internal _anyTaken;

    function _stakeIn(address account) internal view returns (uint256) {
        return _stakeOf[account].active() + _stakeOf[account].unbonding();
    }
}

/// @notice The contracts are connected once, by the deployer.
/// @custom:opens contracts/StakeRegistry.sol
contract ConnectedOnce is AnyRegistry {
    function prove(address tasks_, address rounds_, address court_) external {
        address before = tasks;
        connect(tasks_, rounds_, court_);
        assert(before == address(0) && msg.sender == _DEPLOYER);
        assert(tasks == tasks_ && rounds == rounds_ && court == court_);
    }
}

/// @notice A slash takes the smaller of the penalty and all stake, unbonding included, and what it takes leaves the stake.
/// @custom:opens contracts/StakeRegistry.sol
/// @custom:plays contracts/StakeRegistry.sol:_shrinkReservation
contract SlashTakesTheMinimum is AnyRegistry {
    // solhint-disable-next-line no-empty-blocks
    function _shrinkReservation(address, uint64, uint256, uint256) internal override {}

    function prove(address account, uint64 taskId, uint256 penalty) external {
        uint256 whole = _stakeIn(account);
        uint256 taken = _take(account, taskId, penalty);
        assert(taken == (penalty < whole ? penalty : whole));
        assert(_stakeIn(account) + taken == whole);
    }
}

/// @notice At most 40 % of what a slash takes is a reward, however much more the court asks for.
/// @custom:opens contracts/StakeRegistry.sol
/// @custom:plays contracts/StakeRegistry.sol:_take
contract RewardIsAtMostTwoFifths is AnyRegistry {
    function _take(address, uint64, uint256) internal view override returns (uint256) {
        return _anyTaken;
    }

    function prove(address account, uint64 taskId, uint256 penalty, bytes32 reason, uint256 rewardBps) external {
        require(rewardBps >= 4_000);
        (uint256 taken, uint256 reward) = slash(account, taskId, penalty, reason, rewardBps);
        assert(reward * 10_000 <= taken * 4_000);
    }
}

/// @notice Who asks for less than 40 % of a slash as a reward gets no more than it asks for.
/// @custom:opens contracts/StakeRegistry.sol
/// @custom:plays contracts/StakeRegistry.sol:_take
contract RewardIsAtMostWhatIsAsked is AnyRegistry {
    function _take(address, uint64, uint256) internal view override returns (uint256) {
        return _anyTaken;
    }

    function prove(address account, uint64 taskId, uint256 penalty, bytes32 reason, uint256 rewardBps) external {
        require(rewardBps < 4_000);
        (uint256 taken, uint256 reward) = slash(account, taskId, penalty, reason, rewardBps);
        assert(reward * 10_000 <= taken * rewardBps);
    }
}

/// @notice Both pots together grow by what a slash takes, and a fine of Rounds has no reward.
/// @custom:opens contracts/StakeRegistry.sol
/// @custom:plays contracts/StakeRegistry.sol:_take
contract SlashedStakeIsInThePots is AnyRegistry {
    function _take(address, uint64, uint256) internal view override returns (uint256) {
        return _anyTaken;
    }

    function prove(address account, uint64 taskId, uint256 penalty, bytes32 reason, uint256 rewardBps) external {
        (uint256 pot, uint256 rewards) = (_slashedPot, _rewardPot);
        (uint256 taken, uint256 reward) = slash(account, taskId, penalty, reason, rewardBps);
        assert(_rewardPot == rewards + reward);
        assert(_slashedPot + reward == pot + taken);
        assert(msg.sender == rounds ? reward == 0 : msg.sender == court);
    }
}

/// @notice A slash lowers an account's reservation for the task and the sum of its reservations by the same amount, at most
/// by what it takes.
/// @custom:opens contracts/StakeRegistry.sol
contract SlashKeepsReservationsTogether is AnyRegistry {
    function prove(address account, uint64 taskId, uint96 active, uint96 fromActive) external {
        (uint256 sum, uint256 one) = (_reservedOf[account], _reservationOf[account][taskId]);
        require(one <= sum && fromActive <= active);
        _shrinkReservation(account, taskId, active, fromActive);
        uint256 shrinkage = sum - _reservedOf[account];
        assert(one - _reservationOf[account][taskId] == shrinkage && shrinkage <= fromActive);
    }
}

/// @notice Locked stake is at most the stake: what is reserved stays within what is active, whatever is reserved and whatever
/// the fee.
/// @custom:opens contracts/StakeRegistry.sol
contract ReservationsAreBacked is AnyRegistry {
    function prove(address account, uint64 taskId, uint256 amount, uint256 fee) external {
        require(_reservedOf[account] <= _stakeOf[account].active());
        reserve(account, taskId, amount, fee);
        assert(_reservedOf[account] <= _stakeOf[account].active());
    }
}

/// @notice Locked stake is at most the stake when a reservation grows.
/// @custom:opens contracts/StakeRegistry.sol
contract LargerReservationsAreBacked is AnyRegistry {
    function prove(address account, uint64 taskId, uint256 amount) external {
        require(_reservedOf[account] <= _stakeOf[account].active());
        reserveMore(account, taskId, amount);
        assert(_reservedOf[account] <= _stakeOf[account].active());
    }
}

/// @notice Locked stake can't leave: what is reserved stays within what is active, and free stake has an exit at a fixed time.
/// @custom:opens contracts/StakeRegistry.sol
contract UnstakingLeavesWhatIsReserved is AnyRegistry {
    function prove(uint256 amount) external {
        require(_reservedOf[msg.sender] <= _stakeOf[msg.sender].active());
        uint256 whole = _stakeIn(msg.sender);
        requestUnstake(amount);
        assert(_reservedOf[msg.sender] <= _stakeOf[msg.sender].active());
        assert(_stakeIn(msg.sender) == whole && _stakeOf[msg.sender].unbonding() == amount);
        assert(_stakeOf[msg.sender].availableAt() == block.timestamp + _UNBONDING_SECONDS);
    }
}
