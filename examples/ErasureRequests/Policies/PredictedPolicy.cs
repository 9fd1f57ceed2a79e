namespace Unlearn.Examples.ErasureRequests;

/// <summary>The cheapest way whose predicted bound is within the tolerance for all rows of the request; the others wait for the next retraining.</summary>
/// <param name="name">Name.</param>
/// <param name="predictor">The predictor.</param>
/// <param name="methods">The unlearners to choose from, cheapest first.</param>
/// <param name="audits">Whether also what is predicted to be safe is audited.</param>
internal sealed class PredictedPolicy(string name, HardnessPredictor predictor, IReadOnlyList<Method> methods, bool audits = false) : ErasurePolicy
{
    public override string Name => name;

    public override bool Audits => audits;

    public override Route Choose(StreamRequest request, Simulation now)
    {
        var bounds = predictor.Bounds(request, now.RetrainedAt, now.CancellationToken);
        now.ChargePrediction(bounds.Seconds);
        if (IsSafe(Route.NothingName))
            return Route.Nothing;
        return methods.FirstOrDefault(method => IsSafe(method.Name) && method.IsWorthIt(now)) is { } found ? Route.Unlearn(found.Unlearner) : Route.Wait;

        bool IsSafe(string method) => bounds.Value.TryGetValue(method, out var bound) && bound <= predictor.Tolerance;
    }

    /// <inheritdoc/>
    public override double SecondsAfterRetraining(int time, CancellationToken cancellationToken) => predictor.StatisticsAt(time, cancellationToken).Seconds;
}
