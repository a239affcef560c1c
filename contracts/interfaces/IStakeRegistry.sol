// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Stake of everyone who takes part
/// @notice Holds ASSAY tokens. A position has active stake and at most one unbonding amount; both stay slashable until they
/// leave the contract. Tasks reserve active stake, so that one stake cannot back two tasks.
///
/// Safety: token balance ≥ Σ active + Σ unbonding + slashedPot at every moment; reserved stake cannot be asked back.
/// Liveness: nobody but its owner can add to, lengthen or block a position; a slash never reverts for the slasher.
interface IStakeRegistry {
    /// @notice What an account has here, in ASSAY wei.
    /// @param active stake that counts for reservations
    /// @param unbonding stake on its way out, still slashable
    /// @param availableAt unix seconds from which `unbonding` can be withdrawn, 0 when there is none
    /// @param reserved part of `active` that tasks have reserved (may exceed `active` after a slash)
    struct Position {
        uint96 active;
        uint96 unbonding;
        uint40 availableAt;
        uint96 reserved;
    }

    /// @notice The contracts that may reserve and slash are named, for ever.
    /// @param tasks may reserve and release
    /// @param slasher may slash
    event Connected(address indexed tasks, address indexed slasher);
    /// @notice Stake came in.
    /// @param account whose stake it is
    /// @param amount ASSAY wei added
    /// @param active ASSAY wei of the account that are active now
    event Staked(address indexed account, uint256 amount, uint256 active);
    /// @notice Stake leaves active stake.
    /// @param account whose stake it is
    /// @param amount ASSAY wei on their way out
    /// @param availableAt unix seconds from which they can be withdrawn
    event UnstakeRequested(address indexed account, uint256 amount, uint256 availableAt);
    /// @notice What was on its way out is active again.
    /// @param account whose stake it is
    /// @param amount ASSAY wei
    event UnstakeCancelled(address indexed account, uint256 amount);
    /// @notice Stake left the contract for its owner.
    /// @param account whose stake it was
    /// @param amount ASSAY wei
    event Withdrawn(address indexed account, uint256 amount);
    /// @notice Active stake backs a task.
    /// @param account whose stake it is
    /// @param taskId the task
    /// @param amount ASSAY wei
    event Reserved(address indexed account, uint64 indexed taskId, uint256 amount);
    /// @notice Stake no longer backs a task.
    /// @param account whose stake it is
    /// @param taskId the task
    /// @param amount ASSAY wei that were still reserved
    event Released(address indexed account, uint64 indexed taskId, uint256 amount);
    /// @notice Active stake moved to the slashed pot as a task's fee.
    /// @param account whose stake it was
    /// @param taskId the task
    /// @param amount ASSAY wei
    event FeeTaken(address indexed account, uint64 indexed taskId, uint256 amount);
    /// @notice Stake moved to the slashed pot as a penalty.
    /// @param account whose stake it was
    /// @param taskId the task of the fault
    /// @param penalty ASSAY wei asked for
    /// @param taken ASSAY wei that were there
    /// @param reason why, a constant of `SlashReasons`
    event Slashed(address indexed account, uint64 indexed taskId, uint256 penalty, uint256 taken, bytes32 reason);
    /// @notice The slashed pot no longer exists.
    /// @param amount ASSAY wei burnt
    event SlashedBurnt(uint256 amount);

    /// @notice Only the account that deployed this contract connects it.
    /// @param caller who called
    /// @param deployer who may
    error StakeRegistry_OnlyDeployer(address caller, address deployer);
    /// @notice The contract is connected already and stays so.
    /// @param tasks as connected
    /// @param slasher as connected
    error StakeRegistry_AlreadyConnected(address tasks, address slasher);
    /// @notice The address has no code of its own (a wallet that delegates to code counts as a wallet).
    /// @param account the address
    error StakeRegistry_NotAContract(address account);
    /// @notice The unbonding time asked for at deployment is outside its bounds.
    /// @param unbondingSeconds seconds asked for
    /// @param minimum least seconds
    /// @param maximum most seconds
    error StakeRegistry_UnbondingOutOfBounds(uint256 unbondingSeconds, uint256 minimum, uint256 maximum);
    /// @notice Only the connected Tasks may reserve and release.
    /// @param caller who called
    /// @param tasks who may; zero before `connect`
    error StakeRegistry_OnlyTasks(address caller, address tasks);
    /// @notice Only the connected slasher may slash.
    /// @param caller who called
    /// @param slasher who may; zero before `connect`
    error StakeRegistry_OnlySlasher(address caller, address slasher);
    /// @notice Nothing was asked for.
    error StakeRegistry_ZeroAmount();
    /// @notice Less active stake is unreserved than asked for: stake more, or leave a task first.
    /// @param requested ASSAY wei, a fee included
    /// @param free ASSAY wei
    error StakeRegistry_FreeStakeTooLow(uint256 requested, uint256 free);
    /// @notice One request at a time: withdraw it, or cancel it.
    /// @param amount ASSAY wei on their way out
    /// @param availableAt unix seconds from which they can be withdrawn
    error StakeRegistry_AlreadyUnbonding(uint256 amount, uint256 availableAt);
    /// @notice Nothing was asked back, or a slash took all of it.
    error StakeRegistry_NothingUnbonding();
    /// @notice The unbonding time is not over.
    /// @param availableAt unix seconds from which the unbonding amount can be withdrawn
    error StakeRegistry_StillUnbonding(uint256 availableAt);
    /// @notice The task holds a reservation of this account already.
    /// @param account whose stake it is
    /// @param taskId the task
    /// @param amount ASSAY wei reserved for it
    error StakeRegistry_AlreadyReserved(address account, uint64 taskId, uint256 amount);
    /// @notice The slashed pot is empty.
    error StakeRegistry_NothingSlashed();
    /// @notice The permit is bad and the allowance that is there doesn't cover the stake.
    /// @param allowance ASSAY wei that this contract may take
    /// @param needed ASSAY wei to stake
    error StakeRegistry_PermitRefused(uint256 allowance, uint256 needed);

    /// @notice Names the contracts that may reserve and slash. Once, by the deployer; inert afterwards.
    /// @param tasks a contract; it may reserve and release
    /// @param slasher a contract; it may slash
    function connect(address tasks, address slasher) external;

    /// @notice Stakes ASSAY that the caller has approved.
    /// @param amount ASSAY wei, not 0
    function stake(uint256 amount) external;

    /// @notice Stakes with a permit in the same transaction. A permit that was already used by somebody else does no harm.
    /// @param amount ASSAY wei, not 0
    /// @param deadline unix seconds until which the permit is good
    /// @param v of the permit's signature
    /// @param r of the permit's signature
    /// @param s of the permit's signature
    function stakeWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Asks unreserved active stake back. One request at a time: a second reverts with `StakeRegistry_AlreadyUnbonding`.
    /// @param amount ASSAY wei, not 0; more than is unreserved reverts with `StakeRegistry_FreeStakeTooLow`
    function requestUnstake(uint256 amount) external;

    /// @notice Moves the unbonding amount back to active stake.
    function cancelUnstake() external;

    /// @notice Pays out the unbonding amount once its time has come; before that it reverts with `StakeRegistry_StillUnbonding`.
    /// @return amount ASSAY wei paid; what slashes left of it
    function withdraw() external returns (uint256 amount);

    /// @notice Reserves active stake for a task and takes a fee out of it into the slashed pot. Only Tasks. One reservation an account and
    /// task.
    /// @param account whose stake it is
    /// @param taskId the task
    /// @param amount ASSAY wei to reserve
    /// @param fee ASSAY wei on top, may be 0
    function reserve(address account, uint64 taskId, uint256 amount, uint256 fee) external;

    /// @notice Gives a reservation back. Only Tasks.
    /// @param account whose stake it is
    /// @param taskId the task
    /// @return amount ASSAY wei released, less than reserved when it was slashed; 0 when nothing was reserved
    function release(address account, uint64 taskId) external returns (uint256 amount);

    /// @notice Takes min(penalty, active + unbonding): unbonding first, then unreserved, then reserved stake. Only the slasher, for whom it
    /// never reverts.
    /// @param account whose stake it is
    /// @param taskId the task of the fault: of what is taken beyond free stake its reservation shrinks, no other
    /// @param penalty ASSAY wei
    /// @param reason why, a constant of `SlashReasons`, for the event
    /// @return taken ASSAY wei that moved to the slashed pot
    function slash(address account, uint64 taskId, uint256 penalty, bytes32 reason) external returns (uint256 taken);

    /// @notice Burns all that was slashed or taken as fee. Anyone. An empty pot reverts with `StakeRegistry_NothingSlashed`.
    /// @return amount ASSAY wei burnt
    function burnSlashed() external returns (uint256 amount);

    /// @notice What an account has here.
    /// @param account any
    /// @return its stake; all zero for who never staked
    function positionOf(address account) external view returns (Position memory);

    /// @notice Active stake reserved for a task.
    /// @param account whose stake it is
    /// @param taskId the task
    /// @return ASSAY wei; may exceed active stake after a slash
    function reservationOf(address account, uint64 taskId) external view returns (uint256);

    /// @notice What could be asked back now, were nothing on its way out.
    /// @param account whose stake it is
    /// @return ASSAY wei, active and not reserved
    function freeStakeOf(address account) external view returns (uint256);

    /// @notice What waits to be burnt.
    /// @return ASSAY wei
    function slashedPot() external view returns (uint256);

    /// @notice Time from asking stake back to its withdrawal, fixed at deployment.
    /// @return seconds
    function unbondingSeconds() external view returns (uint256);

    /// @notice The token that is staked.
    /// @return address of ASSAY
    function token() external view returns (address);

    /// @notice The contract that may reserve and release.
    /// @return its address, zero before `connect`
    function tasks() external view returns (address);

    /// @notice The contract that may slash.
    /// @return its address, zero before `connect`
    function slasher() external view returns (address);
}
