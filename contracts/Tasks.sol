// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IRounds} from "./interfaces/IRounds.sol";
import {IStakeRegistry} from "./interfaces/IStakeRegistry.sol";
import {ITasks} from "./interfaces/ITasks.sol";
import {ContractCode} from "./libraries/ContractCode.sol";
import {DataRoots} from "./libraries/DataRoots.sol";
import {TaskBounds} from "./libraries/TaskBounds.sol";
import {Commitments} from "./tasks/Commitments.sol";
import {Parameters} from "./tasks/Parameters.sol";
import {TimingLimits} from "./tasks/TimingLimits.sol";

/// @title Tasks
/// @notice See {ITasks}.
///
/// Assumed for safety: the registry and Rounds are this project's contracts. Nothing is assumed of a reward token for
/// the money of tasks that pay in another token. For the tasks that pay in it, a token that lies, takes fees or rebases
/// is refused as soon as it shows.
contract Tasks is Parameters, Commitments, TimingLimits, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// The books of a task, in reward wei: funded = paid + refunded + available + reserved. `rewardToken` is never
    /// zero.
    struct Escrow {
        // slot 0: all that a payment touches
        address rewardToken;
        uint80 reserved;
        bool isClosed;
        // slot 1
        uint80 available;
        uint80 funded;
        uint80 roundCost;
        // slot 2: `liability` is what was credited or is held since the task began, paid or not
        address owner;
        uint80 liability;
        // slot 3
        uint80 refunded;
    }

    /// The money of all tasks in one reward token, in one storage slot. `rounds` repeats {rounds}: a payment reads its
    /// permission and writes its sum in one slot, which saves 2,100 gas.
    struct TokenBook {
        address rounds;
        uint96 booked;
    }

    IStakeRegistry private immutable _REGISTRY;
    address private immutable _DEPLOYER;

    // one slot
    IRounds private _rounds;
    /// @inheritdoc ITasks
    uint64 public taskCount;

    /// Money and owner of each task.
    mapping(uint64 taskId => Escrow) private _escrowOf;
    /// Available and reserved money of all tasks, by token.
    mapping(address rewardToken => TokenBook) private _bookOf;
    /// Role of an account in a task: at most one.
    mapping(uint64 taskId => mapping(address account => Role)) private _roleOf;

    /// @notice Deploys the escrow; the deployer connects it afterwards.
    /// @param registry_ the registry that holds the stakes
    /// @param timing_ limits that the registry's unbonding must outlast
    constructor(IStakeRegistry registry_, Timing memory timing_) TimingLimits(timing_, _unbondingSecondsOf(registry_)) {
        _REGISTRY = registry_;
        _DEPLOYER = msg.sender;
    }

    /// @dev Runs before the limits are checked, so that an address without code gets an error of its own.
    function _unbondingSecondsOf(IStakeRegistry registry_) private view returns (uint256) {
        if (!ContractCode.isContract(address(registry_))) revert Tasks_NotAContract(address(registry_));
        return registry_.unbondingSeconds();
    }

    // ---- Wiring

    /// @inheritdoc ITasks
    function connect(address rounds_) external {
        if (msg.sender != _DEPLOYER) revert Tasks_OnlyDeployer(msg.sender, _DEPLOYER);
        if (address(_rounds) != address(0)) revert Tasks_AlreadyConnected(address(_rounds));
        if (!ContractCode.isContract(rounds_)) revert Tasks_NotAContract(rounds_);

        _rounds = IRounds(rounds_);

        emit Connected(rounds_);
    }

    modifier onlyRounds() {
        if (msg.sender != address(_rounds)) revert Tasks_OnlyRounds(msg.sender, address(_rounds));
        _;
    }

    // ---- The owner's task

    /// @inheritdoc ITasks
    function createTask(TaskParams calldata params) external returns (uint64 taskId) {
        if (address(_rounds) == address(0)) revert Tasks_NotConnected();
        if (!ContractCode.isContract(params.rewardToken)) revert Tasks_NotAContract(params.rewardToken);
        uint256 roundCost = TaskBounds.checkParams(params, timing());

        taskId = ++taskCount;
        _paramsOf[taskId] = params;
        Escrow storage escrow = _escrowOf[taskId];
        escrow.rewardToken = params.rewardToken;
        escrow.roundCost = roundCost.toUint80();
        escrow.owner = msg.sender;
        _bookOf[params.rewardToken].rounds = address(_rounds);

        _rounds.registerTask(taskId, params);

        emit TaskCreated(taskId, msg.sender, params.specHash, params);
    }

    /// @inheritdoc ITasks
    function fund(uint64 taskId, uint256 amount) external nonReentrant {
        Escrow storage escrow = _openTask(taskId);
        if (amount == 0) revert Tasks_ZeroAmount();
        uint256 funded = escrow.funded;
        if (amount > TaskBounds.MAX_FUNDING - funded) {
            revert Tasks_FundingTooLarge(Math.saturatingAdd(funded, amount), TaskBounds.MAX_FUNDING);
        }

        address token = escrow.rewardToken;
        uint256 balance = _requireCovered(token);
        // The reentrancy guard keeps others from these books while the token runs.
        _pullExactly(IERC20(token), amount, balance);

        escrow.available += amount.toUint80();
        escrow.funded = (funded + amount).toUint80();
        _bookOf[token].booked += amount.toUint96();

        emit TaskFunded(taskId, msg.sender, amount);
    }

    /// @inheritdoc ITasks
    function close(uint64 taskId) external nonReentrant {
        Escrow storage escrow = _openTask(taskId);
        if (msg.sender != escrow.owner) revert Tasks_OnlyOwner(taskId, msg.sender, escrow.owner);

        escrow.isClosed = true;
        emit TaskClosed(taskId);

        // A token that refuses the refund does not keep the task open: `refund` tries again.
        uint256 amount = escrow.available;
        if (amount != 0) _refund(taskId, escrow, amount, false);
    }

    /// @inheritdoc ITasks
    function refund(uint64 taskId) external nonReentrant returns (uint256 amount) {
        Escrow storage escrow = _task(taskId);
        if (!escrow.isClosed) revert Tasks_NotClosed(taskId);
        amount = escrow.available;
        if (amount == 0) revert Tasks_NothingToRefund(taskId);

        _refund(taskId, escrow, amount, true);
    }

    /// @inheritdoc ITasks
    function announcePool(uint64 taskId, bytes32 poolRoot) external {
        Escrow storage escrow = _openTask(taskId);
        if (msg.sender != escrow.owner) revert Tasks_OnlyOwner(taskId, msg.sender, escrow.owner);
        if (poolRoot == 0) revert Tasks_ZeroHash("poolRoot");

        uint32 firstRound = _rounds.announcePool(taskId, poolRoot);

        emit PoolAnnounced(taskId, poolRoot, firstRound);
    }

    /// @dev Updates the books first, then calls the token. A refusal that is allowed restores the books.
    function _refund(uint64 taskId, Escrow storage escrow, uint256 amount, bool mustSucceed) private {
        address token = escrow.rewardToken;
        address owner = escrow.owner;
        uint256 refunded = escrow.refunded;

        escrow.available = 0;
        escrow.refunded = (refunded + amount).toUint80();
        _bookOf[token].booked -= amount.toUint96();

        if (mustSucceed) {
            IERC20(token).safeTransfer(owner, amount);
        } else if (!IERC20(token).trySafeTransfer(owner, amount)) {
            escrow.available = amount.toUint80();
            escrow.refunded = refunded.toUint80();
            _bookOf[token].booked += amount.toUint96();
            return;
        }

        emit TaskRefunded(taskId, owner, amount);
    }

    // ---- Contributors

    /// @inheritdoc ITasks
    function enrol(uint64 taskId, bytes32 sampleRoot, uint32 dataUnits) external {
        _openTask(taskId);
        _requireNoRole(taskId, msg.sender);
        if (sampleRoot == 0) revert Tasks_ZeroHash("sampleRoot");
        TaskBounds.check("dataUnits", dataUnits, 1, TaskBounds.MAX_DATA_UNITS);
        TaskParams storage params = _paramsOf[taskId];

        _roleOf[taskId][msg.sender] = Role.Contributor;

        _REGISTRY.reserve(msg.sender, taskId, params.contributorStake, params.enrolmentFee);
        uint256 counted = Math.min(dataUnits, params.dataUnitsLimit);
        uint32 firstRound = _rounds.admitContributor(taskId, msg.sender, counted.toUint32());
        _commit(taskId, DataRoots.enrolled(sampleRoot, dataUnits), firstRound);

        emit Enrolled(taskId, msg.sender, sampleRoot, dataUnits);
    }

    /// @inheritdoc ITasks
    function leaveTask(uint64 taskId, uint256 minReleased) external {
        _requireRole(taskId, msg.sender, Role.Contributor);

        _rounds.dismissContributor(taskId, msg.sender, minReleased);
        _endRole(taskId, msg.sender, Role.Contributor);
    }

    // ---- Validators

    /// @inheritdoc ITasks
    function joinValidators(uint64 taskId, uint256 amount, bytes calldata encryptionKey) external {
        _openTask(taskId);
        _requireNoRole(taskId, msg.sender);
        uint256 minimum = _paramsOf[taskId].minValidatorStake;
        if (amount < minimum) revert Tasks_StakeTooLow(amount, minimum);
        _requireKeyLength(encryptionKey.length);

        _roleOf[taskId][msg.sender] = Role.Validator;

        _REGISTRY.reserve(msg.sender, taskId, amount, 0);
        uint32 firstRound = _rounds.admitValidator(taskId, msg.sender, amount);
        _commit(taskId, keccak256(encryptionKey), firstRound);

        emit ValidatorJoined(taskId, msg.sender, amount, encryptionKey);
    }

    /// @inheritdoc ITasks
    function raiseValidatorStake(uint64 taskId, uint256 amount) external {
        _openTask(taskId);
        _requireRole(taskId, msg.sender, Role.Validator);
        if (amount == 0) revert Tasks_ZeroAmount();

        uint256 total = _REGISTRY.reserveMore(msg.sender, taskId, amount);
        _rounds.raiseStake(taskId, msg.sender, total);

        emit ValidatorStakeRaised(taskId, msg.sender, amount, total);
    }

    /// @inheritdoc ITasks
    function leaveValidators(uint64 taskId) external {
        _requireRole(taskId, msg.sender, Role.Validator);

        bool isReleasable = _rounds.dismissValidator(taskId, msg.sender);

        emit ValidatorLeaving(taskId, msg.sender);
        if (isReleasable) _endRole(taskId, msg.sender, Role.Validator);
    }

    /// @inheritdoc ITasks
    function releaseValidator(uint64 taskId, address validator) external {
        _requireRole(taskId, validator, Role.Validator);
        _rounds.requireReleasable(taskId, validator);

        _endRole(taskId, validator, Role.Validator);
    }

    function _endRole(uint64 taskId, address account, Role role) private {
        // The commitment stays: cases outlast the role.
        delete _roleOf[taskId][account];

        uint256 released = _REGISTRY.release(account, taskId);

        emit Left(taskId, account, role, released);
    }

    function _requireKeyLength(uint256 length) private pure {
        uint256 minimum = TaskBounds.MIN_ENCRYPTION_KEY_BYTES;
        uint256 maximum = TaskBounds.MAX_ENCRYPTION_KEY_BYTES;
        if (length < minimum || length > maximum) revert Tasks_EncryptionKeyLength(length, minimum, maximum);
    }

    function _requireNoRole(uint64 taskId, address account) private view {
        Role role = _roleOf[taskId][account];
        if (role != Role.None) revert Tasks_HasRole(taskId, account, role);
    }

    function _requireRole(uint64 taskId, address account, Role role) private view {
        if (_roleOf[taskId][account] != role) revert Tasks_LacksRole(taskId, account, role);
    }

    // ---- What Rounds calls

    /// @inheritdoc ITasks
    function reserveRound(uint64 taskId) external onlyRounds nonReentrant returns (uint256 amount) {
        Escrow storage escrow = _openTask(taskId);
        amount = escrow.roundCost;
        uint256 available = escrow.available;
        if (available < amount) revert Tasks_FundsTooLow(taskId, amount, available);
        _requireCovered(escrow.rewardToken);

        escrow.available = (available - amount).toUint80();
        escrow.reserved += amount.toUint80();

        emit RoundReserved(taskId, amount);
    }

    /// @inheritdoc ITasks
    /// @dev Before: reserved = the round's reserve + what was owed. After: reserved = what is owed now. The bounds keep
    /// `reserved` from becoming negative, and a round from costing more than its reserve.
    function closeRound(uint64 taskId, uint256 roundReserve, uint256 liability) external onlyRounds nonReentrant {
        Escrow storage escrow = _task(taskId);
        uint256 highest = escrow.liability + roundReserve;
        uint256 reserved = escrow.reserved;
        TaskBounds.check("liability", liability, Math.saturatingSub(highest, reserved), highest);

        uint256 released = highest - liability;
        escrow.reserved = (reserved - released).toUint80();
        escrow.available += released.toUint80();
        escrow.liability = liability.toUint80();

        emit RoundReleased(taskId, released);
    }

    /// @inheritdoc ITasks
    function payOut(uint64 taskId, address to, uint256 amount) external nonReentrant {
        Escrow storage escrow = _escrowOf[taskId];
        (address token, uint256 reserved) = (escrow.rewardToken, escrow.reserved);
        TokenBook storage book = _bookOf[token];
        (address payer, uint256 booked) = (book.rounds, book.booked);
        if (msg.sender != payer) _refusePayment(taskId);
        if (amount > reserved) revert Tasks_FundsTooLow(taskId, amount, reserved);

        // amount ≤ reserved ≤ booked, the sum over all tasks.
        unchecked {
            escrow.reserved = uint80(reserved - amount);
            book.booked = uint96(booked - amount);
        }

        IERC20(token).safeTransfer(to, amount);
    }

    /// @inheritdoc ITasks
    function takeBack(uint64 taskId, uint256 amount) external onlyRounds nonReentrant {
        Escrow storage escrow = _task(taskId);
        IERC20 token = IERC20(escrow.rewardToken);
        _pullExactly(token, amount, token.balanceOf(address(this)));

        escrow.reserved += amount.toUint80();
        _bookOf[address(token)].booked += amount.toUint96();
    }

    /// @dev Explains why a payment was refused. An unknown task has token zero, whose book belongs to nobody.
    function _refusePayment(uint64 taskId) private view {
        _task(taskId);
        revert Tasks_OnlyRounds(msg.sender, address(_rounds));
    }

    // ---- Tokens

    /// @dev Compares the balance before and after: a token that keeps a part, or moves another amount, is refused.
    function _pullExactly(IERC20 token, uint256 amount, uint256 balanceBefore) private {
        token.safeTransferFrom(msg.sender, address(this), amount);

        uint256 received = Math.saturatingSub(token.balanceOf(address(this)), balanceBefore);
        if (received != amount) revert Tasks_InexactTransfer(address(token), amount, received);
    }

    /// @dev Requires a balance that covers the books. If it doesn't, the token took some away: no new money and no new
    /// round then. A higher balance is a donation and does no harm.
    function _requireCovered(address token) private view returns (uint256 balance) {
        balance = IERC20(token).balanceOf(address(this));
        uint256 booked = _bookOf[token].booked;
        if (balance < booked) revert Tasks_BalanceBelowBooks(token, balance, booked);
    }

    // ---- Views

    function _task(uint64 taskId) private view returns (Escrow storage escrow) {
        escrow = _escrowOf[taskId];
        if (escrow.rewardToken == address(0)) revert Tasks_UnknownTask(taskId);
    }

    function _openTask(uint64 taskId) private view returns (Escrow storage escrow) {
        escrow = _task(taskId);
        if (escrow.isClosed) revert Tasks_Closed(taskId);
    }

    /// @inheritdoc ITasks
    function paramsOf(uint64 taskId) external view returns (TaskParams memory) {
        _task(taskId);
        return _paramsOf[taskId];
    }

    /// @inheritdoc ITasks
    function ownerOf(uint64 taskId) external view returns (address) {
        return _task(taskId).owner;
    }

    /// @inheritdoc ITasks
    function isClosed(uint64 taskId) external view returns (bool) {
        return _task(taskId).isClosed;
    }

    /// @inheritdoc ITasks
    function fundsOf(uint64 taskId) external view returns (Funds memory) {
        Escrow storage escrow = _task(taskId);
        return
            Funds({
                available: escrow.available,
                reserved: escrow.reserved,
                funded: escrow.funded,
                refunded: escrow.refunded
            });
    }

    /// @inheritdoc ITasks
    function largestRoundCost(uint64 taskId) external view returns (uint256) {
        return _task(taskId).roundCost;
    }

    /// @inheritdoc ITasks
    function roleOf(uint64 taskId, address account) external view returns (Role) {
        return _roleOf[taskId][account];
    }

    /// @inheritdoc ITasks
    function dataRootOf(uint64 taskId, address contributor) external view returns (bytes32) {
        return _roleOf[taskId][contributor] == Role.Contributor ? _commitmentOf[taskId][contributor] : bytes32(0);
    }

    /// @inheritdoc ITasks
    function encryptionKeyHashOf(uint64 taskId, address validator) external view returns (bytes32) {
        return _roleOf[taskId][validator] == Role.Validator ? _commitmentOf[taskId][validator] : bytes32(0);
    }

    /// @inheritdoc ITasks
    function bookedOf(address rewardToken) external view returns (uint256) {
        return _bookOf[rewardToken].booked;
    }

    /// @inheritdoc ITasks
    function registry() external view returns (address) {
        return address(_REGISTRY);
    }

    /// @inheritdoc ITasks
    function rounds() external view returns (address) {
        return address(_rounds);
    }
}
