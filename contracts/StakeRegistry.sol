// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAssayToken} from "./interfaces/IAssayToken.sol";
import {IStakeRegistry} from "./interfaces/IStakeRegistry.sol";
import {ContractCode} from "./libraries/ContractCode.sol";
import {Reservations} from "./libraries/Reservations.sol";
import {StakeWord, StakeWordLibrary} from "./types/StakeWord.sol";

/// @title StakeRegistry
/// @notice See {IStakeRegistry}.
///
/// Assumed for safety: the token moves exact amounts and calls nobody, like {IAssayToken}; Rounds and the court slash
/// only for faults.
contract StakeRegistry is IStakeRegistry {
    using SafeCast for uint256;
    using SafeERC20 for IAssayToken;

    /// @notice Least {unbondingSeconds}, so that stake never leaves at once. {Tasks} requires more than its longest
    /// case.
    uint256 public constant MIN_UNBONDING_SECONDS = 1 minutes;
    /// @notice Most {unbondingSeconds}, so that a mistake at deployment can't lock stake for years.
    uint256 public constant MAX_UNBONDING_SECONDS = 180 days;
    /// @notice Most of a slash that can become a reward, in bps: who accuses itself through others loses the rest.
    uint256 public constant MAX_REWARD_BPS = 4_000;
    uint256 private constant BPS = 10_000;

    uint256 private immutable _UNBONDING_SECONDS;
    IAssayToken private immutable _TOKEN;
    address private immutable _DEPLOYER;

    // slot 0
    /// @inheritdoc IStakeRegistry
    address public tasks;

    // slot 1: one slot, so that a fine touches a single slot for its permission and its pot
    /// @inheritdoc IStakeRegistry
    address public rounds;
    uint96 private _slashedPot;

    // slot 2: read only when the caller isn't Rounds, so that fines don't pay for it
    /// @inheritdoc IStakeRegistry
    address public court;
    uint96 private _rewardPot;

    /// Stake of each account, slashable to the last wei.
    mapping(address account => StakeWord) private _stakeOf;
    /// Sum of an account's reservations. May exceed its active stake after a slash.
    mapping(address account => uint256 amount) private _reservedOf;
    /// Reservations of an account, by task.
    mapping(address account => mapping(uint64 taskId => uint256 amount)) private _reservationOf;

    /// @notice Deploys the registry; the deployer connects it afterwards.
    /// @param token_ ASSAY
    /// @param unbondingSeconds_ from the request to unstake to the withdrawal
    constructor(IAssayToken token_, uint256 unbondingSeconds_) {
        if (!ContractCode.isContract(address(token_))) revert StakeRegistry_NotAContract(address(token_));
        if (unbondingSeconds_ < MIN_UNBONDING_SECONDS || unbondingSeconds_ > MAX_UNBONDING_SECONDS) {
            revert StakeRegistry_UnbondingOutOfBounds(unbondingSeconds_, MIN_UNBONDING_SECONDS, MAX_UNBONDING_SECONDS);
        }

        _TOKEN = token_;
        _DEPLOYER = msg.sender;
        _UNBONDING_SECONDS = unbondingSeconds_;
    }

    // ---- Wiring

    /// @inheritdoc IStakeRegistry
    function connect(address tasks_, address rounds_, address court_) external {
        if (msg.sender != _DEPLOYER) revert StakeRegistry_OnlyDeployer(msg.sender, _DEPLOYER);
        if (tasks != address(0)) revert StakeRegistry_AlreadyConnected(tasks, rounds, court);
        if (!ContractCode.isContract(tasks_)) revert StakeRegistry_NotAContract(tasks_);
        if (!ContractCode.isContract(rounds_)) revert StakeRegistry_NotAContract(rounds_);
        if (court_ != address(0) && !ContractCode.isContract(court_)) revert StakeRegistry_NotAContract(court_);

        tasks = tasks_;
        rounds = rounds_;
        court = court_;

        emit Connected(tasks_, rounds_, court_);
    }

    // ---- Staking: each account for itself

    /// @inheritdoc IStakeRegistry
    function stake(uint256 amount) public {
        if (amount == 0) revert StakeRegistry_ZeroAmount();

        StakeWord position = _stakeOf[msg.sender].plusActive(amount);
        _stakeOf[msg.sender] = position;

        _TOKEN.safeTransferFrom(msg.sender, address(this), amount);

        emit Staked(msg.sender, amount, position.active());
    }

    /// @inheritdoc IStakeRegistry
    function stakeWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        try _TOKEN.permit(msg.sender, address(this), amount, deadline, v, r, s) {
            stake(amount);
        } catch {
            // Somebody may have used the permit first; then the allowance exists already.
            uint256 allowance = _TOKEN.allowance(msg.sender, address(this));
            if (allowance < amount) revert StakeRegistry_PermitRefused(allowance, amount);
            stake(amount);
        }
    }

    // ---- Leaving

    /// @inheritdoc IStakeRegistry
    function requestUnstake(uint256 amount) external {
        StakeWord position = _stakeOf[msg.sender];
        if (amount == 0) revert StakeRegistry_ZeroAmount();
        if (position.unbonding() != 0) {
            revert StakeRegistry_AlreadyUnbonding(position.unbonding(), position.availableAt());
        }
        uint256 free = Math.saturatingSub(position.active(), _reservedOf[msg.sender]);
        if (amount > free) revert StakeRegistry_FreeStakeTooLow(amount, free);

        uint256 availableAt = block.timestamp + _UNBONDING_SECONDS;
        _stakeOf[msg.sender] = StakeWordLibrary.pack(position.active() - amount, amount, availableAt);

        emit UnstakeRequested(msg.sender, amount, availableAt);
    }

    /// @inheritdoc IStakeRegistry
    function cancelUnstake() external {
        StakeWord position = _stakeOf[msg.sender];
        uint256 amount = position.unbonding();
        if (amount == 0) revert StakeRegistry_NothingUnbonding();

        _stakeOf[msg.sender] = position.withoutUnbonding().plusActive(amount);

        emit UnstakeCancelled(msg.sender, amount);
    }

    /// @inheritdoc IStakeRegistry
    function withdraw() external returns (uint256 amount) {
        StakeWord position = _stakeOf[msg.sender];
        amount = position.unbonding();
        if (amount == 0) revert StakeRegistry_NothingUnbonding();
        uint256 availableAt = position.availableAt();
        if (block.timestamp < availableAt) revert StakeRegistry_StillUnbonding(availableAt);

        _stakeOf[msg.sender] = position.withoutUnbonding();

        _TOKEN.safeTransfer(msg.sender, amount);

        emit Withdrawn(msg.sender, amount);
    }

    // ---- Reservations: one stake backs one task, or one place of a juror

    modifier onlyReserver(uint64 taskId) {
        if (taskId >= Reservations.FIRST_COURT_ID) _requireCourt();
        else if (msg.sender != tasks) revert StakeRegistry_OnlyTasks(msg.sender, tasks);
        _;
    }

    function _requireCourt() private view {
        if (msg.sender != court) revert StakeRegistry_OnlyCourt(msg.sender, court);
    }

    /// @inheritdoc IStakeRegistry
    function reserve(address account, uint64 taskId, uint256 amount, uint256 fee) external onlyReserver(taskId) {
        uint256 reservation = _reservationOf[account][taskId];
        if (reservation != 0) revert StakeRegistry_AlreadyReserved(account, taskId, reservation);
        StakeWord position = _stakeOf[account];
        uint256 reserved = _reservedOf[account];
        uint256 free = Math.saturatingSub(position.active(), reserved);
        if (amount + fee > free) revert StakeRegistry_FreeStakeTooLow(amount + fee, free);

        _reservationOf[account][taskId] = amount;
        _reservedOf[account] = reserved + amount;
        if (fee != 0) {
            _stakeOf[account] = StakeWordLibrary.pack(
                position.active() - fee,
                position.unbonding(),
                position.availableAt()
            );
            _slashedPot = (_slashedPot + fee).toUint96();
        }

        emit Reserved(account, taskId, amount);
        if (fee != 0) emit FeeTaken(account, taskId, fee);
    }

    /// @inheritdoc IStakeRegistry
    function reserveMore(
        address account,
        uint64 taskId,
        uint256 amount
    ) external onlyReserver(taskId) returns (uint256 total) {
        uint256 reserved = _reservedOf[account];
        uint256 free = Math.saturatingSub(_stakeOf[account].active(), reserved);
        if (amount > free) revert StakeRegistry_FreeStakeTooLow(amount, free);

        total = _reservationOf[account][taskId] + amount;
        _reservationOf[account][taskId] = total;
        _reservedOf[account] = reserved + amount;

        emit Reserved(account, taskId, amount);
    }

    /// @inheritdoc IStakeRegistry
    function release(address account, uint64 taskId) external onlyReserver(taskId) returns (uint256 amount) {
        amount = _reservationOf[account][taskId];

        delete _reservationOf[account][taskId];
        // The sum of reservations is at least each of them.
        _reservedOf[account] -= amount;

        emit Released(account, taskId, amount);
    }

    // ---- Slashing: nothing here may revert for Rounds or the court

    /// @inheritdoc IStakeRegistry
    /// @dev Each subtraction takes a minimum that includes what it subtracts from. No external call is made.
    function slash(
        address account,
        uint64 taskId,
        uint256 penalty,
        bytes32 reason,
        uint256 rewardBps
    ) external returns (uint256 taken, uint256 reward) {
        bool isFine = msg.sender == rounds;
        if (!isFine && msg.sender != court) revert StakeRegistry_OnlySlashers(msg.sender, rounds, court);

        taken = _take(account, taskId, penalty);
        if (!isFine) {
            reward = (taken * Math.min(rewardBps, MAX_REWARD_BPS)) / BPS;
            if (reward != 0) _rewardPot = (_rewardPot + reward).toUint96();
        }
        if (taken != 0) _slashedPot = (_slashedPot + taken - reward).toUint96();

        emit Slashed(account, taskId, penalty, taken, reward, reason);
    }

    /// @dev Takes up to `penalty` from a position; nothing has moved to a pot yet.
    function _take(address account, uint64 taskId, uint256 penalty) private returns (uint256 taken) {
        StakeWord position = _stakeOf[account];
        uint256 fromUnbonding = Math.min(penalty, position.unbonding());
        uint256 fromActive = Math.min(penalty - fromUnbonding, position.active());
        taken = fromUnbonding + fromActive;
        if (taken == 0) return 0;

        if (fromActive != 0) _shrinkReservation(account, taskId, position.active(), fromActive);
        uint256 unbonding = position.unbonding() - fromUnbonding;
        uint256 availableAt = unbonding == 0 ? 0 : position.availableAt();
        _stakeOf[account] = StakeWordLibrary.pack(position.active() - fromActive, unbonding, availableAt);
    }

    /// @dev A slash of active stake takes free stake first. What it takes beyond that was reserved: the reservation of
    /// this task shrinks, at most to zero. Those of other tasks stay, and claim stake that the account adds later.
    function _shrinkReservation(address account, uint64 taskId, uint256 active, uint256 fromActive) private {
        uint256 reserved = _reservedOf[account];
        uint256 free = Math.saturatingSub(active, reserved);
        if (fromActive <= free) return;

        uint256 reservation = _reservationOf[account][taskId];
        uint256 shrinkage = Math.min(fromActive - free, reservation);
        if (shrinkage == 0) return;

        _reservationOf[account][taskId] = reservation - shrinkage;
        _reservedOf[account] = reserved - shrinkage;
    }

    /// @inheritdoc IStakeRegistry
    function burnSlashed() external returns (uint256 amount) {
        amount = _slashedPot;
        if (amount == 0) revert StakeRegistry_NothingSlashed();

        _slashedPot = 0;

        _TOKEN.burn(amount);

        emit SlashedBurnt(amount);
    }

    /// @inheritdoc IStakeRegistry
    function payReward(address to, uint256 amount) external {
        _requireCourt();
        uint256 pot = _rewardPot;
        if (amount > pot) revert StakeRegistry_RewardPotTooLow(amount, pot);
        if (amount == 0) return;

        _rewardPot = (pot - amount).toUint96();

        _TOKEN.safeTransfer(to, amount);

        emit RewardPaid(to, amount);
    }

    // ---- Views

    /// @inheritdoc IStakeRegistry
    function positionOf(address account) external view returns (Position memory) {
        StakeWord position = _stakeOf[account];
        return
            Position({
                active: position.active().toUint96(),
                unbonding: position.unbonding().toUint96(),
                availableAt: position.availableAt().toUint40(),
                reserved: _reservedOf[account].toUint96()
            });
    }

    /// @inheritdoc IStakeRegistry
    function reservationOf(address account, uint64 taskId) external view returns (uint256) {
        return _reservationOf[account][taskId];
    }

    /// @inheritdoc IStakeRegistry
    function freeStakeOf(address account) external view returns (uint256) {
        return Math.saturatingSub(_stakeOf[account].active(), _reservedOf[account]);
    }

    /// @inheritdoc IStakeRegistry
    function slashedPot() external view returns (uint256) {
        return _slashedPot;
    }

    /// @inheritdoc IStakeRegistry
    function rewardPot() external view returns (uint256) {
        return _rewardPot;
    }

    /// @inheritdoc IStakeRegistry
    function unbondingSeconds() external view returns (uint256) {
        return _UNBONDING_SECONDS;
    }

    /// @inheritdoc IStakeRegistry
    function token() external view returns (address) {
        return address(_TOKEN);
    }
}
