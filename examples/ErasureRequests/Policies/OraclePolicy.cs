namespace Unlearn.Examples.ErasureRequests;

/// <summary>
/// Routes by what the judge will find: the cheapest way that really erases, at no cost for finding out. It chooses for each request alone, so it is no lower
/// limit of what any schedule could cost.
/// </summary>
internal sealed class OraclePolicy(IReadOnlyList<Method> methods) : ErasurePolicy
{
    public override string Name => "oracle";

    public override Route Choose(StreamRequest request, Simulation now)
    {
        if (now.IsErasedFrom(now.Model, request))
            return Route.Nothing;
        foreach (var method in methods.Where(method => method.IsWorthIt(now)))
        {
            using var unlearned = now.World.Unlearn(method.Unlearner, now.Model, request, now.CancellationToken).Value;
            if (now.IsErasedFrom(unlearned.Model, request))
                return Route.Unlearn(method.Unlearner);
        }
        return Route.Wait;
    }
}
