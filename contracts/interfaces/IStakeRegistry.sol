// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Stake of everyone who takes part
/// @notice Holds ASSAY tokens. A position has active stake and at most one unbonding amount; both stay slashable until they
/// leave the contract. Tasks reserve active stake, so that one stake cannot back two tasks.
///
/// Safety: token balance ≥ Σ active + Σ unbonding + slashedPot at every moment; reserved stake cannot be asked back.
/// Liveness: nobody but its owner can add to, lengthen or block a position; a slash never reverts for the slasher.
interface IStakeRegistry {
    /// @param active stake in wei that counts for reservations
    /// @param unbonding stake in wei on its way out, still slashable
    /// @param availableAt unix seconds from which `unbonding` can be withdrawn, 0 when there is none
    /// @param reserved part of `active` in wei that tasks have reserved (may exceed `active` after a slash)
    struct Position {
        uint96 active;
        uint96 unbonding;
        uint40 availableAt;
        uint96 reserved;
    }

    /// @notice The contracts that may reserve and slash are named, for ever.
    event Connected(address indexed tasks, address indexed slasher);
    /// @notice `amount` wei were staked; `active` wei are now active.
    event Staked(address indexed account, uint256 amount, uint256 active);
    /// @notice `amount` wei leave active stake and can be withdrawn from `availableAt` (unix seconds) on.
    event UnstakeRequested(address indexed account, uint256 amount, uint256 availableAt);
    /// @notice `amount` wei on their way out are active again.
    event UnstakeCancelled(address indexed account, uint256 amount);
    /// @notice `amount` wei left the contract for their owner.
    event Withdrawn(address indexed account, uint256 amount);
    /// @notice `amount` wei of active stake back a task.
    event Reserved(address indexed account, uint64 indexed taskId, uint256 amount);
    /// @notice `amount` wei no longer back a task.
    event Released(address indexed account, uint64 indexed taskId, uint256 amount);
    /// @notice `amount` wei of active stake moved to the slashed pot as a task's fee.
    event FeeTaken(address indexed account, uint64 indexed taskId, uint256 amount);
    /// @notice Of a penalty of `penalty` wei `taken` wei were there and moved to the slashed pot.
    event Slashed(address indexed account, uint64 indexed taskId, uint256 penalty, uint256 taken, bytes32 reason);
    /// @notice `amount` wei of the slashed pot no longer exist.
    event SlashedBurnt(uint256 amount);

    /// @notice Only the account that deployed this contract connects it.
    error StakeRegistry_OnlyDeployer(address caller, address deployer);
    /// @notice The contract is connected already and stays so.
    error StakeRegistry_AlreadyConnected(address tasks, address slasher);
    /// @notice The address has no code of its own (a wallet that delegates to code counts as a wallet).
    error StakeRegistry_NotAContract(address account);
    /// @notice The unbonding time asked for at deployment is outside its bounds, all in seconds.
    error StakeRegistry_UnbondingOutOfBounds(uint256 unbondingSeconds, uint256 minimum, uint256 maximum);
    /// @notice Only the connected Tasks may reserve and release.
    error StakeRegistry_OnlyTasks(address caller, address tasks);
    /// @notice Only the connected slasher may slash.
    error StakeRegistry_OnlySlasher(address caller, address slasher);
    /// @notice Nothing was asked for.
    error StakeRegistry_ZeroAmount();
    /// @notice Less active stake is unreserved than asked for, in wei: stake more, or leave a task first.
    error StakeRegistry_FreeStakeTooLow(uint256 requested, uint256 free);
    /// @notice One request at a time: withdraw it at `availableAt` (unix seconds), or cancel it.
    error StakeRegistry_AlreadyUnbonding(uint256 amount, uint256 availableAt);
    /// @notice Nothing was asked back, or a slash took all of it.
    error StakeRegistry_NothingUnbonding();
    /// @notice The unbonding amount can be withdrawn from `availableAt` (unix seconds) on.
    error StakeRegistry_StillUnbonding(uint256 availableAt);
    /// @notice The task holds a reservation of this account already.
    error StakeRegistry_AlreadyReserved(address account, uint64 taskId, uint256 amount);
    /// @notice The slashed pot is empty.
    error StakeRegistry_NothingSlashed();
    /// @notice The permit is bad and the allowance that is there doesn't cover the stake, both in wei.
    error StakeRegistry_PermitRefused(uint256 allowance, uint256 needed);

    /// @notice Names the contracts that may reserve and slash. Once, by the deployer; inert afterwards.
    function connect(address tasks, address slasher) external;

    /// @notice Stakes `amount` wei of ASSAY that the caller has approved.
    function stake(uint256 amount) external;

    /// @notice Stakes with a permit in the same transaction. A permit that was already used by somebody else does no harm.
    function stakeWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Asks `amount` wei of unreserved active stake back. One request at a time.
    function requestUnstake(uint256 amount) external;

    /// @notice Moves the unbonding amount back to active stake.
    function cancelUnstake() external;

    /// @notice Pays out the unbonding amount once its time has come.
    /// @return amount wei paid; what slashes left of it
    function withdraw() external returns (uint256 amount);

    /// @notice Reserves active stake of `account` for a task and takes a fee out of it into the slashed pot. Only Tasks.
    function reserve(address account, uint64 taskId, uint256 amount, uint256 fee) external;

    /// @notice Gives a reservation back. Only Tasks.
    /// @return amount wei released, less than reserved when it was slashed
    function release(address account, uint64 taskId) external returns (uint256 amount);

    /// @notice Takes min(penalty, active + unbonding): unbonding first, then unreserved, then reserved stake. Never reverts for the slasher.
    /// @return taken wei that moved to the slashed pot
    function slash(address account, uint64 taskId, uint256 penalty, bytes32 reason) external returns (uint256 taken);

    /// @notice Burns all that was slashed or taken as fee. Anyone.
    function burnSlashed() external returns (uint256 amount);

    /// @notice What an account has here.
    function positionOf(address account) external view returns (Position memory);

    /// @notice Wei of active stake reserved for a task.
    function reservationOf(address account, uint64 taskId) external view returns (uint256);

    /// @notice Wei that could be asked back now.
    function freeStakeOf(address account) external view returns (uint256);

    /// @notice Wei waiting to be burnt.
    function slashedPot() external view returns (uint256);

    /// @notice Seconds from asking stake back to its withdrawal, fixed at deployment.
    function unbondingSeconds() external view returns (uint256);

    /// @notice The token that is staked.
    function token() external view returns (address);

    /// @notice The contract that may reserve, zero before `connect`.
    function tasks() external view returns (address);

    /// @notice The contract that may slash, zero before `connect`.
    function slasher() external view returns (address);
}
