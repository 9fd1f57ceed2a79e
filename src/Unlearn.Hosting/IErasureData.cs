using Microsoft.ML;
using Unlearn.MLNet;

namespace Unlearn.Hosting;

/// <summary>What a workspace of erasures needs and no configuration file can tell, since it is code.</summary>
public interface IErasureData
{
    /// <summary>The rows that the model was trained on. Erased ones may be among them or not.</summary>
    /// <param name="mlContext">The service's own context.</param>
    IDataView LoadRows(MLContext mlContext);

    /// <summary>
    /// The recipe that the workspace was created with, and what else is code: test rows, columns, unlearners of your own, derived files.
    /// <see cref="ErasureServiceOptions.Policy"/> takes the place of <see cref="ErasureOptions.Policy"/>.
    /// </summary>
    /// <param name="mlContext">The service's own context.</param>
    ErasureOptions CreateOptions(MLContext mlContext);
}
