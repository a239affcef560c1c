// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AssayToken} from "../../contracts/AssayToken.sol";
import {StakeRegistry} from "../../contracts/StakeRegistry.sol";
import {IStakeRegistry} from "../../contracts/interfaces/IStakeRegistry.sol";
import {Reservations} from "../../contracts/libraries/Reservations.sol";
import {Test} from "./fixtures/Test.sol";
import {newAssayToken, newStakeRegistry} from "./fixtures/Shipped.sol";
import {vm} from "./fixtures/Vm.sol";

/// Random stakers, and a second book beside the registry's. (In this file: the runner finds handlers only in the files it is given.)
///
/// Each action works out first, from the model alone, what the registry has to do or with which error it has to refuse; then
/// it acts and compares. Inputs reach one past each limit. The model is written without looking at how the registry packs or orders
/// anything: plain numbers, one mapping each.
contract StakeHandler is Test {
    uint256 public constant ACTORS = 8;
    /// Three tasks, and two ids of the court.
    uint64 private constant TASKS = 3;
    uint64 private constant IDS = 5;
    uint256 private constant GRANT = 1_000;

    AssayToken private immutable _ASSAY;
    StakeRegistry private immutable _REGISTRY;
    address private immutable _ROUNDS;
    address private immutable _COURT;
    address private immutable _TASKS;
    uint256 private immutable _DELAY;

    address[] public actors;
    mapping(address account => uint256) public wallet;
    mapping(address account => uint256) public active;
    mapping(address account => uint256) public unbonding;
    mapping(address account => uint256) public availableAt;
    mapping(address account => mapping(uint64 taskId => uint256)) public reservation;
    uint256 public pot;
    uint256 public rewardPot;
    /// ASSAY wei that the court's slashes took, and that it paid out.
    uint256 public convicted;
    uint256 public paid;
    uint256 public burnt;
    uint256 public donated;
    /// How often each verb was done and each refusal came, by selector.
    mapping(bytes4 selector => uint256) public seen;
    address private _touched;
    uint256 private _actions;

    constructor(AssayToken assay, StakeRegistry registry, address tasks, address rounds, address court) {
        (_ASSAY, _REGISTRY, _TASKS, _ROUNDS, _COURT) = (assay, registry, tasks, rounds, court);
        _DELAY = registry.unbondingSeconds();
        for (uint256 i = 0; i < ACTORS; ++i) {
            address actor = address(uint160(0xac1000 + i));
            actors.push(actor);
            wallet[actor] = GRANT;
            _touched = actor;
            vm.prank(actor);
            assay.approve(address(registry), type(uint256).max);
        }
    }

    // ---- What stakers do

    function stake(uint256 who, uint256 amount) external {
        address account = _actor(who);
        amount = bound(amount, 0, wallet[account] + 1);
        bytes memory refusal;
        if (amount == 0) refusal = _error(IStakeRegistry.StakeRegistry_ZeroAmount.selector);
        else if (amount > wallet[account]) {
            refusal = abi.encodeWithSignature(
                "ERC20InsufficientBalance(address,uint256,uint256)",
                account,
                wallet[account],
                amount
            );
        }

        if (!_does(account, abi.encodeCall(IStakeRegistry.stake, (amount)), refusal)) return;
        wallet[account] -= amount;
        active[account] += amount;
    }

    function requestUnstake(uint256 who, uint256 amount) external {
        address account = _actor(who);
        uint256 free = freeOf(account);
        amount = bound(amount, 0, free + 1);
        bytes memory refusal;
        if (amount == 0) refusal = _error(IStakeRegistry.StakeRegistry_ZeroAmount.selector);
        else if (unbonding[account] != 0) {
            refusal = abi.encodeWithSelector(
                IStakeRegistry.StakeRegistry_AlreadyUnbonding.selector,
                unbonding[account],
                availableAt[account]
            );
        } else if (amount > free) {
            refusal = abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, amount, free);
        }

        if (!_does(account, abi.encodeCall(IStakeRegistry.requestUnstake, (amount)), refusal)) return;
        active[account] -= amount;
        unbonding[account] = amount;
        availableAt[account] = block.timestamp + _DELAY;
    }

    function cancelUnstake(uint256 who) external {
        address account = _actor(who);
        bytes memory refusal;
        if (unbonding[account] == 0) refusal = _error(IStakeRegistry.StakeRegistry_NothingUnbonding.selector);

        if (!_does(account, abi.encodeCall(IStakeRegistry.cancelUnstake, ()), refusal)) return;
        active[account] += unbonding[account];
        _clearUnbonding(account);
    }

    function withdraw(uint256 who) external {
        address account = _actor(who);
        bytes memory refusal;
        if (unbonding[account] == 0) refusal = _error(IStakeRegistry.StakeRegistry_NothingUnbonding.selector);
        else if (block.timestamp < availableAt[account]) {
            refusal = abi.encodeWithSelector(
                IStakeRegistry.StakeRegistry_StillUnbonding.selector,
                availableAt[account]
            );
        }

        if (!_does(account, abi.encodeCall(IStakeRegistry.withdraw, ()), refusal)) return;
        wallet[account] += unbonding[account];
        _clearUnbonding(account);
    }

    // ---- What Tasks, Rounds and the court do, or somebody in their place

    function reserve(uint256 who, uint256 task, uint256 amount, uint256 fee, uint256 caller) external {
        address account = _actor(who);
        uint64 taskId = _task(task);
        uint256 free = freeOf(account);
        fee = bound(fee, 0, free / 4 + 1);
        amount = bound(amount, 0, free + 1);
        address sender = _mostly(_reserverOf(taskId), caller);
        bytes memory refusal = _reserverRefusal(sender, taskId);
        if (refusal.length == 0 && reservation[account][taskId] != 0) {
            refusal = abi.encodeWithSelector(
                IStakeRegistry.StakeRegistry_AlreadyReserved.selector,
                account,
                taskId,
                reservation[account][taskId]
            );
        } else if (refusal.length == 0 && amount + fee > free) {
            refusal = abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, amount + fee, free);
        }

        if (!_does(sender, abi.encodeCall(IStakeRegistry.reserve, (account, taskId, amount, fee)), refusal)) return;
        reservation[account][taskId] = amount;
        active[account] -= fee;
        pot += fee;
    }

    function release(uint256 who, uint256 task, uint256 caller) external {
        address account = _actor(who);
        uint64 taskId = _task(task);
        address sender = _mostly(_reserverOf(taskId), caller);
        bytes memory refusal = _reserverRefusal(sender, taskId);

        if (!_does(sender, abi.encodeCall(IStakeRegistry.release, (account, taskId)), refusal)) return;
        reservation[account][taskId] = 0;
    }

    function reserveMore(uint256 who, uint256 task, uint256 amount, uint256 caller) external {
        address account = _actor(who);
        uint64 taskId = _task(task);
        uint256 free = freeOf(account);
        amount = bound(amount, 0, free + 1);
        address sender = _mostly(_reserverOf(taskId), caller);
        bytes memory refusal = _reserverRefusal(sender, taskId);
        if (refusal.length == 0 && amount > free) {
            refusal = abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, amount, free);
        }

        if (!_does(sender, abi.encodeCall(IStakeRegistry.reserveMore, (account, taskId, amount)), refusal)) return;
        reservation[account][taskId] += amount;
    }

    function slash(uint256 who, uint256 task, uint256 penalty, uint256 rewardBps, uint256 caller) external {
        address account = _actor(who);
        uint64 taskId = _task(task);
        if (penalty % 8 != 0) penalty = bound(penalty, 0, active[account] + unbonding[account] + 1);
        if (rewardBps % 8 != 0) rewardBps = bound(rewardBps, 0, 4_001);
        address sender = _mostly((caller >> 64) % 2 == 0 ? _ROUNDS : _COURT, caller);
        bytes memory refusal;
        if (sender != _ROUNDS && sender != _COURT) {
            refusal = abi.encodeWithSelector(
                IStakeRegistry.StakeRegistry_OnlySlashers.selector,
                sender,
                _ROUNDS,
                _COURT
            );
        }

        bytes memory call = abi.encodeCall(IStakeRegistry.slash, (account, taskId, penalty, "a reason", rewardBps));
        uint256 potBefore = pot;
        if (!_does(sender, call, refusal)) return;
        _slashModel(account, taskId, penalty);
        if (sender != _COURT) return;
        uint256 taken = pot - potBefore;
        uint256 reward = (taken * _least(rewardBps, 4_000)) / 10_000;
        convicted += taken;
        pot -= reward;
        rewardPot += reward;
    }

    function payReward(uint256 who, uint256 amount, uint256 caller) external {
        address account = _actor(who);
        amount = bound(amount, 0, rewardPot + 1);
        address sender = _mostly(_COURT, caller);
        bytes memory refusal;
        if (sender != _COURT) {
            refusal = abi.encodeWithSelector(IStakeRegistry.StakeRegistry_OnlyCourt.selector, sender, _COURT);
        } else if (amount > rewardPot) {
            refusal = abi.encodeWithSelector(IStakeRegistry.StakeRegistry_RewardPotTooLow.selector, amount, rewardPot);
        }

        if (!_does(sender, abi.encodeCall(IStakeRegistry.payReward, (account, amount)), refusal)) return;
        rewardPot -= amount;
        paid += amount;
        wallet[account] += amount;
    }

    /// @dev A wei at a time would be the definition: from unbonding, else from free, else from reserved stake, and then this task's
    /// reservation backs one wei less. Summed up here.
    function _slashModel(address account, uint64 taskId, uint256 penalty) private {
        uint256 part = _least(penalty, unbonding[account]);
        unbonding[account] -= part;
        if (unbonding[account] == 0) availableAt[account] = 0;
        uint256 rest = penalty - part;
        pot += part;

        part = _least(rest, freeOf(account));
        active[account] -= part;
        rest -= part;
        pot += part;

        part = _least(rest, active[account]);
        active[account] -= part;
        pot += part;
        reservation[account][taskId] -= _least(part, reservation[account][taskId]);
    }

    // ---- What anybody does

    function burnSlashed(uint256 who) external {
        bytes memory refusal;
        if (pot == 0) refusal = _error(IStakeRegistry.StakeRegistry_NothingSlashed.selector);

        if (!_does(_actor(who), abi.encodeCall(IStakeRegistry.burnSlashed, ()), refusal)) return;
        burnt += pot;
        pot = 0;
    }

    function donate(uint256 who, uint256 amount) external {
        address account = _actor(who);
        amount = bound(amount, 0, wallet[account] / 10);
        wallet[account] -= amount;
        donated += amount;
        vm.prank(account);
        _ASSAY.transfer(address(_REGISTRY), amount);
    }

    function wait_(uint256 time) external {
        skip(bound(time, 1, _DELAY));
    }

    // ---- Comparing

    /// @notice The account that the last action was about, and one more in turn.
    function checkPositions() external view {
        checkPosition(_touched);
        checkPosition(actors[_actions % ACTORS]);
    }

    function checkPosition(address account) public view {
        IStakeRegistry.Position memory position = _REGISTRY.positionOf(account);
        assertEq(position.active, active[account], "active");
        assertEq(position.unbonding, unbonding[account], "unbonding");
        assertEq(position.availableAt, availableAt[account], "availableAt");
        assertEq(position.reserved, reservedOf(account), "reserved");
        assertEq(_REGISTRY.freeStakeOf(account), freeOf(account), "free");
        assertEq(_ASSAY.balanceOf(account), wallet[account], "wallet");
        for (uint256 i = 0; i < IDS; ++i) {
            uint64 taskId = _task(i);
            assertEq(_REGISTRY.reservationOf(account, taskId), reservation[account][taskId], "reservation");
        }
    }

    function checkSums() external view {
        uint256 owed = pot + rewardPot + donated;
        for (uint256 i = 0; i < ACTORS; ++i) owed += active[actors[i]] + unbonding[actors[i]];
        assertEq(_ASSAY.balanceOf(address(_REGISTRY)), owed, "balance");
        assertEq(_REGISTRY.slashedPot(), pot, "pot");
        assertEq(_REGISTRY.rewardPot(), rewardPot, "reward pot");
        assertLe(10 * (rewardPot + paid), 4 * convicted, "rewards");
        assertEq(_ASSAY.totalSupply() + burnt, _ASSAY.MAX_SUPPLY(), "supply");
    }

    // ---- The model's sums

    function reservedOf(address account) public view returns (uint256 sum) {
        for (uint256 i = 0; i < IDS; ++i) sum += reservation[account][_task(i)];
    }

    function freeOf(address account) public view returns (uint256) {
        uint256 reserved = reservedOf(account);
        return active[account] > reserved ? active[account] - reserved : 0;
    }

    // ---- Helpers

    /// @dev Calls as `sender`. True when the registry did it and had to; fails the test when it did otherwise than predicted.
    function _does(address sender, bytes memory call, bytes memory refusal) private returns (bool) {
        vm.prank(sender);
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, bytes memory answer) = address(_REGISTRY).call(call);
        assertEq(done, refusal.length == 0, "the model predicts otherwise");
        if (!done) assertEq(answer, refusal);
        ++seen[bytes4(done ? call : answer)];
        return done;
    }

    function _clearUnbonding(address account) private {
        unbonding[account] = 0;
        availableAt[account] = 0;
    }

    function _actor(uint256 who) private returns (address account) {
        account = actors[who % ACTORS];
        _touched = account;
        ++_actions;
    }

    function _task(uint256 task) private pure returns (uint64) {
        uint64 index = uint64(task % IDS);
        return index < TASKS ? 1 + index : Reservations.FIRST_COURT_ID + index - TASKS;
    }

    function _reserverOf(uint64 taskId) private view returns (address) {
        return taskId < Reservations.FIRST_COURT_ID ? _TASKS : _COURT;
    }

    function _reserverRefusal(address sender, uint64 taskId) private view returns (bytes memory refusal) {
        address reserver = _reserverOf(taskId);
        if (sender == reserver) return "";
        bytes4 selector =
            reserver == _TASKS
                ? IStakeRegistry.StakeRegistry_OnlyTasks.selector
                : IStakeRegistry.StakeRegistry_OnlyCourt.selector;
        return abi.encodeWithSelector(selector, sender, reserver);
    }

    /// @dev Now and then one of the stakers, or a contract with other rights, calls instead.
    function _mostly(address rightful, uint256 caller) private view returns (address) {
        if (caller % 16 == 0) return actors[(caller / 16) % ACTORS];
        return caller % 16 == 1 ? [_TASKS, _ROUNDS, _COURT][(caller / 16) % 3] : rightful;
    }

    function _least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    function _error(bytes4 selector) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector);
    }
}

/// Eight stakers, three tasks, two slashers, places of jurors and a clock, in any order.
contract StakeRegistryInvariantsTest is Test {
    AssayToken private assay;
    StakeRegistry private registry;
    StakeHandler private handler;

    function setUp() public {
        vm.warp(1_800_000_000);
        assay = newAssayToken(address(this));
        registry = newStakeRegistry(assay, 1_000);
        address tasks = address(0x7a5c5);
        address rounds = address(0x51a54);
        address court = address(0xc0427);
        vm.etch(tasks, hex"00");
        vm.etch(rounds, hex"00");
        vm.etch(court, hex"00");
        registry.connect(tasks, rounds, court);
        handler = new StakeHandler(assay, registry, tasks, rounds, court);
        for (uint256 i = 0; i < handler.ACTORS(); ++i) {
            assay.transfer(handler.actors(i), handler.wallet(handler.actors(i)));
        }
        targetContract(address(handler));
    }

    /// The registry's positions are those of a model that knows nothing of its packing.
    function invariant_PositionsAreThoseOfTheModel() public view {
        handler.checkPositions();
    }

    /// Token balance = Σ active + Σ unbonding + pots + donations: not a wei is missing, not a wei is made. Rewards, paid or
    /// not, are at most 40 % of what the court's slashes took.
    function invariant_TheRegistryHoldsWhatItOwes() public view {
        handler.checkSums();
    }

    /// After each run: every account, not only those the last calls touched.
    function afterInvariant() public view {
        for (uint256 i = 0; i < handler.ACTORS(); ++i) handler.checkPosition(handler.actors(i));
    }

    /// Random play is worth what it reaches: within the calls of a few runs every verb is done and every refusal met.
    function test_RandomPlayReachesEveryVerbAndEveryRefusal() public {
        for (uint256 i = 0; i < 700; ++i) play(uint256(keccak256(abi.encode("a play", i))));
        bytes4[19] memory selectors = [
            IStakeRegistry.stake.selector,
            IStakeRegistry.requestUnstake.selector,
            IStakeRegistry.cancelUnstake.selector,
            IStakeRegistry.withdraw.selector,
            IStakeRegistry.reserve.selector,
            IStakeRegistry.reserveMore.selector,
            IStakeRegistry.release.selector,
            IStakeRegistry.slash.selector,
            IStakeRegistry.payReward.selector,
            IStakeRegistry.burnSlashed.selector,
            IStakeRegistry.StakeRegistry_AlreadyUnbonding.selector,
            IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector,
            IStakeRegistry.StakeRegistry_StillUnbonding.selector,
            IStakeRegistry.StakeRegistry_NothingUnbonding.selector,
            IStakeRegistry.StakeRegistry_AlreadyReserved.selector,
            IStakeRegistry.StakeRegistry_OnlyTasks.selector,
            IStakeRegistry.StakeRegistry_OnlyCourt.selector,
            IStakeRegistry.StakeRegistry_OnlySlashers.selector,
            IStakeRegistry.StakeRegistry_RewardPotTooLow.selector
        ];
        for (uint256 i = 0; i < selectors.length; ++i) {
            assertGt(handler.seen(selectors[i]), 0, vm.toString(bytes32(selectors[i])));
        }
        handler.checkSums();
        afterInvariant();
    }

    function play(uint256 luck) private {
        (uint256 who, uint256 task, uint256 amount) = (luck >> 8, luck >> 16, luck >> 32);
        (uint256 fee, uint256 caller) = (luck >> 64, luck >> 128);
        uint256 kind = luck % 12;
        if (kind == 0) handler.stake(who, amount);
        if (kind == 1) handler.requestUnstake(who, amount);
        if (kind == 2) handler.cancelUnstake(who);
        if (kind == 3) handler.withdraw(who);
        if (kind == 4) handler.reserve(who, task, amount, fee, caller);
        if (kind == 5) handler.release(who, task, caller);
        if (kind == 6) handler.slash(who, task, amount, fee, caller);
        if (kind == 7) handler.burnSlashed(who);
        if (kind == 8) handler.donate(who, amount);
        if (kind == 9) handler.wait_(amount);
        if (kind == 10) handler.reserveMore(who, task, amount, caller);
        if (kind == 11) handler.payReward(who, amount, caller);
    }
}
