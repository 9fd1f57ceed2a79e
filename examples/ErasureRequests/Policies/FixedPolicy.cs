namespace Unlearn.Examples.ErasureRequests;

/// <summary>The same for every request.</summary>
internal sealed class FixedPolicy(string name, Route route, bool audits = false, bool retrainsOnFailure = false) : ErasurePolicy
{
    public override string Name => name;

    public override bool Audits => audits;

    public override bool RetrainsOnFailure => retrainsOnFailure;

    public override Route Choose(StreamRequest request, Simulation now) => route;
}
