using Unlearn.Cli.Models;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Tables;
using Unlearn.Transforms;

namespace Unlearn.Cli.Loading;

/// <summary>Rows that are ready to train on, and the model that was chosen for them.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Model">The model.</param>
/// <param name="Input">What it is given.</param>
/// <param name="Recipe">How it is trained.</param>
/// <param name="Table">What was understood of a table; <see langword="null"/> for images.</param>
internal sealed record LoadedData(StudyData Rows, NamedModel Model, ModelInput Input, ITrainingRecipe Recipe, UnderstoodTable? Table) : IDisposable
{
    public void Dispose() => Rows.Dispose();
}
