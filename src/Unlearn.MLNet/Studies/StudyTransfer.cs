namespace Unlearn.MLNet;

/// <summary>Transfer of hardness models between the data sets of several studies.</summary>
public static class StudyTransfer
{
    /// <summary>Trains on one study's labels of an unlearner and tests on another's; see <see cref="DataSetTransfer"/>.</summary>
    /// <param name="studies">Two studies or more; their titles name the data sets.</param>
    /// <param name="unlearner">Name of the unlearner, one that all studies have.</param>
    /// <param name="options">Options.</param>
    /// <param name="seed">Seed of folds and models.</param>
    /// <param name="cancellationToken">Stops between two models.</param>
    /// <exception cref="ArgumentException">A study has no such unlearner, or the data sets do not fit together: see <see cref="DataSetTransfer"/>.</exception>
    public static TransferMatrix Evaluate(IReadOnlyList<StudyResult> studies, string unlearner, HardnessOptions options, int seed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(studies);
        return DataSetTransfer.Evaluate([.. studies.Select(Of)], options, seed, cancellationToken);

        TransferDataSet Of(StudyResult study) => new()
        {
            Name = study.Title,
            Factors = study.Factors,
            Labels = study.Unlearners.FirstOrDefault(result => result.Name == unlearner)?.Labels
                ?? throw new ArgumentException($"The study {study.Title} has no unlearner {unlearner}, only {string.Join(", ", study.Unlearners.Select(result => result.Name))}.", nameof(studies)),
            Groups = study.Groups.Count == study.RowIds.Count ? study.Groups : [.. Enumerable.Range(0, study.RowIds.Count)],
        };
    }
}
