namespace Unlearn.Examples.ErasureRequests;

/// <summary>How erasure requests are answered. A policy has no state of its own.</summary>
internal abstract class ErasurePolicy
{
    public abstract string Name { get; }

    /// <summary>Whether it audits every request that it does not retrain for.</summary>
    public virtual bool Audits => false;

    /// <summary>Whether it retrains at once when an audit fails, and does not wait.</summary>
    public virtual bool RetrainsOnFailure => false;

    /// <summary>What to do for a request.</summary>
    public abstract Route Choose(StreamRequest request, Simulation now);

    /// <summary>Processor seconds that each new model costs before requests about it can be predicted.</summary>
    public virtual double SecondsAfterRetraining(int time, CancellationToken cancellationToken) => 0;
}
