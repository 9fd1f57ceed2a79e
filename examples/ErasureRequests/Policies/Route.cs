using Unlearn.MLNet;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>What a policy does for a request.</summary>
/// <param name="IsWaiting">Whether it is for a retraining to do.</param>
/// <param name="IsRetraining">Whether that retraining is now.</param>
/// <param name="Unlearner">The unlearner to run now; <see langword="null"/> for none.</param>
internal readonly record struct Route(bool IsWaiting, bool IsRetraining, IUnlearner? Unlearner)
{
    public const string NothingName = "nothing";
    public const string RetrainingName = "retraining";

    /// <summary>Leave the model as it is, until a later retraining lacks the rows anyway.</summary>
    public static Route Nothing => default;

    /// <summary>Retrain now.</summary>
    public static Route Retrain => new(true, true, null);

    /// <summary>Wait for the retraining that is due when the first waiting request is due.</summary>
    public static Route Wait => new(true, false, null);

    public static Route Unlearn(IUnlearner unlearner) => new(false, false, unlearner);
}
