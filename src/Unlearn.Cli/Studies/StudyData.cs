using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Cli.Studies;

/// <summary>The data of a study.</summary>
/// <param name="Title">Name of the study, for headings.</param>
/// <param name="Rows">Rows to train on and to audit.</param>
/// <param name="TestRows">Rows to test on.</param>
/// <param name="ClassNames">Names of the classes.</param>
/// <param name="Picture">Picture of a row by its id; <see langword="null"/> where rows have none.</param>
internal sealed record StudyData(
    string Title, TrainingRows Rows, TrainingRows TestRows, IReadOnlyList<string> ClassNames, Func<string, RowPicture?>? Picture = null) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Rows.Dispose();
        TestRows.Dispose();
    }
}
