namespace Unlearn.Examples.ErasureRequests;

/// <summary>A request that a policy called done.</summary>
/// <param name="Request">The request.</param>
/// <param name="DoneAt">When that was, in requests.</param>
/// <param name="Method">What was done for it last.</param>
/// <param name="Deviations">(ψ − μ_R) / σ_R of each of its rows in the model of that time.</param>
internal sealed record DoneRequest(StreamRequest Request, int DoneAt, string Method, double[] Deviations)
{
    /// <summary>Residual memory of each of its rows.</summary>
    public IEnumerable<double> Memories => Deviations.Select(deviation => Math.Max(0, deviation));

    /// <summary>Time from request to done, in requests.</summary>
    public int Waited => DoneAt - Request.Number;
}
