namespace Unlearn.MLNet.Trials;

/// <summary>Carries out trials, one by one or several at once. Implementations are deterministic and are called from several threads at once.</summary>
internal interface ITrialProcedure
{
    /// <summary>Number of trials of an unlearner to carry out at once, at least 1.</summary>
    /// <param name="unlearner">Name of the unlearner.</param>
    int BatchSize(string unlearner);

    /// <summary>
    /// Carries out trials of one batch. They share the unlearner, the context, the half, the number of rows to forget, and the quotient of trial
    /// number and batch size (integer division). The result of a trial must not depend on which other trials are in the batch, since a resumed run
    /// asks only for the missing trials.
    /// </summary>
    /// <param name="trials">The trials: at least one, at most as many as the batch size.</param>
    /// <param name="cancellationToken">Stops them all.</param>
    /// <returns>Result or exception of each trial, in order.</returns>
    IReadOnlyList<TrialAttempt> Run(IReadOnlyList<TrialSpec> trials, CancellationToken cancellationToken);
}
