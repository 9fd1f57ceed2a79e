namespace Unlearn.MLNet;

/// <summary>How trials are carried out: one by one, or several at once. Deterministic, and called from several threads at once.</summary>
public interface ITrialProcedure
{
    /// <summary>How many trials of an unlearner to carry out at once, at least 1.</summary>
    /// <param name="unlearner">Name of the unlearner.</param>
    int BatchSize(string unlearner);

    /// <summary>
    /// Carries out trials that lie together: of one unlearner, context and half, with as many rows to forget, and whose numbers divided by the batch size
    /// give the same. What comes of one must not depend on which of the others are among them, since a resumed run asks for those that are left.
    /// </summary>
    /// <param name="trials">The trials: at least one, at most as many as the batch size.</param>
    /// <param name="cancellationToken">Stops them all.</param>
    /// <returns>What came of each, in order.</returns>
    IReadOnlyList<TrialAttempt> Run(IReadOnlyList<TrialSpec> trials, CancellationToken cancellationToken);
}
