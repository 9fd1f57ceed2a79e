using Microsoft.ML;
using Unlearn.MLNet;

namespace Unlearn.Hosting;

/// <summary>What a labeling needs and no configuration file can tell, since it is code.</summary>
public interface ILabelingData
{
    /// <summary>The rows to label. A host that resumes a labeling must give the same.</summary>
    /// <param name="mlContext">The service's own context.</param>
    IDataView LoadRows(MLContext mlContext);

    /// <summary>
    /// The recipe, and what else is code: unlearners, columns, test rows, seeds. What <see cref="LabelingServiceOptions"/> sets takes the place of what is
    /// set here.
    /// </summary>
    /// <param name="mlContext">The service's own context.</param>
    HardnessLabelingOptions CreateOptions(MLContext mlContext);
}
